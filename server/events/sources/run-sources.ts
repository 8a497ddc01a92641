// The sources of Topics on a platform: read where events are taken, and told in the log, the
// metrics and the reports of Topics.
import type { OutboxReader } from '../../../drivers/outbox/outbox.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { compileSources, type SourcePlan } from '../../../worker/sources/source-plan.ts';
import type { SourceObserver } from '../../../worker/sources/source-relay.ts';
import { type RunningSource, SourceRunner } from '../../../worker/sources/source-runner.ts';
import type { Storage } from '../../storage/open-storage.ts';
import { sessionOptionsOf } from '../open-database.ts';
import type { RunEventsOptions } from '../running-events.ts';
import type { SourcePart } from './source-reports.ts';

export interface Sources {
  readonly running: readonly RunningSource[];
  /** Reads those of the resources in force. */
  apply(): void;
  /** How those do that this process reads or would read. */
  parts(): SourcePart[];
  close(graceMs: number): Promise<void>;
}

type Options = Pick<RunEventsOptions, 'world' | 'shared' | 'environment' | 'checkAddress'>;

/** So many rows that became no event are shown; their number is whole. */
const SHOWN = 10;

export function createSources(
  options: Options,
  { log, store }: Pick<Storage, 'log' | 'store'>,
  resources: () => ResourceSet,
): Sources {
  const { world, shared, environment } = options;
  const runner = new SourceRunner({
    world,
    store,
    log,
    incarnation: shared.incarnation,
    open: (plan, signal) => open(options, plan, signal),
    observer: observerOf(environment.log),
  });
  return {
    get running() {
      return runner.running;
    },
    apply: () => runner.apply(compileSources(resources())),
    parts: () => runner.running.map(toPart),
    close: graceMs => runner.close(graceMs),
  };
}

/** The driver and its client are loaded with the first source. */
async function open(options: Options, { resource, spec }: SourcePlan, signal: AbortSignal): Promise<OutboxReader> {
  const { openPostgresOutbox } = await import('../../../drivers/outbox/postgres/postgres-outbox.ts');
  const session = await sessionOptionsOf(options, resource.metadata.namespace, spec, signal);
  return openPostgresOutbox({ ...session(), table: spec.table, columns: spec.columns, channel: spec.notify });
}

function observerOf(log: RunEventsOptions['environment']['log']): SourceObserver {
  const who = ({ resource: { metadata } }: SourcePlan) => ({ namespace: metadata.namespace, topic: metadata.name });
  return {
    refused: (plan, { id, refusal, message }) =>
      log('error', 'a row of an outbox became no event, and stays in its table', {
        ...who(plan),
        table: plan.spec.table,
        row: id,
        why: refusal,
        error: message,
      }),
    away: (plan, message) =>
      log('warn', 'the source of a topic cannot be read; it is tried again', { ...who(plan), reason: message }),
    back: plan => log('info', 'the source of a topic is read again', who(plan)),
  };
}

function toPart({ plan: { resource, spec }, relay: { figures } }: RunningSource): SourcePart {
  const { namespace, name } = resource.metadata;
  const { state, lastError, failingSince, read, waiting, ageMs, aside } = figures;
  return {
    namespace,
    name,
    state,
    table: spec.table,
    lastError,
    failingSince,
    read,
    waiting,
    ageMs,
    aside: aside.length,
    rowsAside: aside.slice(0, SHOWN).map(({ id, message }) => ({ id, message })),
  };
}
