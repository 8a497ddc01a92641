// `tenfold parked retry` and `give-up`: of some events by id, or of the heads of all keys that a
// query finds, with what became of each that failed.
import type { ParkedCommand, ParkedProgress } from '../../admin/parked-view.ts';
import { counted } from '../../core/units/counted.ts';
import { CommandError } from '../command-error.ts';
import { consumerNameOf } from '../dead/list.ts';
import type { ConsumerRequest } from '../events/find-consumer.ts';
import { findLetterOwner, type LetterOwner } from '../events/find-letter-owner.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { exitCodes } from '../exit-codes.ts';
import { untilInterrupted } from '../operations/interrupt.ts';
import { runOperation } from '../operations/run-operation.ts';
import type { ListFormat } from '../output/print-list.ts';
import { createProgress } from '../output/progress.ts';
import { renderData } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { ParkedSelection } from '../platform/event-client.ts';
import type { OperationClient } from '../platform/operation-client.ts';
import type { Terminal } from '../terminal.ts';
import { printUnread } from './list.ts';

export interface ParkedCommandRequest {
  readonly action: ParkedCommand['action'];
  readonly consumer: ConsumerRequest;
  readonly ids: readonly string[];
  readonly all: boolean;
  readonly wholeKey: boolean;
  readonly query: ParkedSelection;
  readonly rate: number | undefined;
  /** Plans it, and changes nothing. */
  readonly dryRun: boolean;
  readonly format: ListFormat;
}

const DONE = { retry: 'tried now', 'give-up': 'given up' } as const;

const NONE_FOUND =
  'No key that failed was found. Events that wait for their time or for a person are named by id: "tenfold parked list".';

/** Said where a consumer makes no attempt at once. */
function laterWords(consumer: LetterOwner): string | undefined {
  const { state, namespace } = consumer;
  if (state === 'resting')
    return 'Its target is down or asks for a pause: the attempts are made as soon as it is called again.';
  if (state !== 'paused') return undefined;
  const resume = `tenfold subscriptions resume ${consumerNameOf(consumer)}${inNamespace(namespace)}`;
  return `It is paused: the attempts are made once "${resume}" lets it go on.`;
}

export async function commandParked(
  request: ParkedCommandRequest,
  client: Pick<AdminClient, 'consumers' | 'commandParked' | keyof OperationClient>,
  terminal: Terminal,
): Promise<void> {
  const { action, ids, query, wholeKey, rate, dryRun, format } = request;
  checkSelection(request);
  const consumer = await findLetterOwner(request.consumer, client);
  const later = laterWords(consumer);
  if (ids.length === 0 && !wholeKey) {
    const order = {
      action: action === 'retry' ? ('retry-now' as const) : action,
      query: { ...query },
      ...(rate && { rate }),
    };
    await untilInterrupted(async signal => {
      const { total, done } = await runOperation(consumer, { order, dryRun, format }, client, terminal, signal);
      if (action === 'retry' && done > 0 && later !== undefined) terminal.say(later);
      if (total === 0) terminal.say(NONE_FOUND);
    });
    return;
  }
  const orders = { action, ...(ids.length > 0 ? { ids } : { query }), ...(wholeKey ? { wholeKey } : {}) };
  const progress = createProgress(DONE[action], terminal);
  let end: ParkedProgress = { taken: 0, unconfirmed: 0, failed: [], total: 0 };
  try {
    for await (const { done, ...step } of client.commandParked(consumer, orders)) {
      end = step;
      if (!done) progress.update(step.total, undefined);
    }
  } catch (error) {
    // Each order is durable once it is given: a second try finds the others only.
    const given = end.taken + end.unconfirmed;
    if (given > 0) terminal.say(`Orders for ${counted(given, 'event')} were given before it failed.`);
    throw error;
  } finally {
    progress.end();
  }
  report(end, request, consumer, terminal);
  if (action === 'retry' && end.taken > 0 && later !== undefined) terminal.say(later);
  if (ids.length === 0 && end.total === 0) terminal.say(NONE_FOUND);
  if (format !== 'json' && format !== 'yaml') printUnread(end.unread ?? [], terminal);
  if (end.failed.length > 0 || end.unread !== undefined) terminal.exitCode = exitCodes.refused.code;
}

function report(
  { taken, unconfirmed, failed, ...rest }: ParkedProgress,
  { action, format }: ParkedCommandRequest,
  consumer: LetterOwner,
  terminal: Terminal,
): void {
  if (format === 'json' || format === 'yaml') {
    terminal.print(renderData({ taken, unconfirmed, failed, ...rest }, format));
    return;
  }
  terminal.print(`${consumerNameOf(consumer)}: ${taken} ${DONE[action]}`);
  if (unconfirmed > 0) {
    const [orders, them] = unconfirmed === 1 ? ['1 order is', 'it'] : [`${unconfirmed} orders are`, 'them'];
    const list = `tenfold parked list ${consumerNameOf(consumer)}${inNamespace(consumer.namespace)}`;
    terminal.say(`${orders} kept, and no worker has carried ${them} out yet. See with "${list}".`);
  }
  if (failed.length === 0) return;
  const columns = [
    { title: 'ID', value: (row: ParkedProgress['failed'][number]) => row.id },
    { title: 'WHY NOT', value: (row: ParkedProgress['failed'][number]) => row.message },
  ];
  terminal.say(terminal.err.red(`${failed.length} could not be ${DONE[action]}:`));
  terminal.say(renderTable(columns, failed));
}

function checkSelection({ action, ids, all, query, wholeKey, rate, dryRun }: ParkedCommandRequest): void {
  if ((ids.length > 0 || wholeKey) && (dryRun || rate !== undefined))
    throw new CommandError('usage', '--dry-run and --rate are for a selection without --whole-key.');
  const filtered = Object.values(query).some(value => value !== undefined);
  if (ids.length === 0 && !all && !filtered) {
    throw new CommandError('usage', `It is not said which to ${action}.`, {
      hint: 'name their ids, or narrow them down with --key, --reason, --text, --older-than or --newer-than; or pass --all.',
    });
  }
  if (ids.length > 0 && (all || filtered))
    throw new CommandError('usage', 'Both ids and a selection are given.', { hint: 'leave out one of them.' });
  if (wholeKey && action !== 'give-up')
    throw new CommandError('usage', '--whole-key is for give-up: a retry is for the event at the head of its key.');
}
