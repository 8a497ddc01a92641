// Runs the Pipelines of a platform, and says how they do.

import type { ConsumerName } from '../../admin/consumer-name.ts';
import type { ArchiveReport, PipelineReport, TableReport } from '../../admin/event-view.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import { toTimestamp } from '../../core/world.ts';
import type { GatewayLog } from '../../gateway/gateway-log.ts';
import { archiveTableOf } from '../../worker/archive/pipeline-archives.ts';
import type { ConsumerDeps } from '../../worker/deliver/create-consumer.ts';
import {
  createPipelinePlane,
  type PipelinePlane,
  type PipelinePlaneOptions,
  type PipelineState,
  stopOf,
} from '../../worker/pipeline-plane.ts';
import { othersOf } from '../../worker/pipelines/other-topics.ts';
import type { PipelinePlan } from '../../worker/plan/compile-pipelines.ts';
import { readerTopicOf } from '../../worker/plan/reader-topic.ts';
import type { Storage } from '../storage/open-storage.ts';
import type { LetterCount, LetterOwner } from './control/dead-letter-control.ts';
import { logAs } from './reports/dispatch-log.ts';
import { stageObserver } from './reports/stage-observer.ts';
import type { PipelinePart } from './reports/stage-parts.ts';

export function runPipelines(
  deps: ConsumerDeps,
  options: Pick<PipelinePlaneOptions, 'desiredVersions' | 'topicsTried'>,
  log: GatewayLog,
  tracer?: Tracer,
): PipelinePlane {
  return createPipelinePlane({
    ...options,
    deps,
    observerFor: ({ settings: { namespace, name } }) =>
      stageObserver({ pipeline: `Pipeline/${namespace}/${name}` }, 'read', log, tracer),
    dispatchObserverFor: (plan, part) =>
      logAs(deps.world, `Pipeline/${plan.settings.namespace}/${plan.settings.name}/${part}`, log),
  });
}

/** The reasons why pipelines do not run, one sentence each. */
export function reasonsOf({ pipelines }: Pick<PipelinePlane, 'pipelines'>): string[] {
  return pipelines.flatMap(({ plan, runner }) =>
    runner.state === 'starting' && runner.lastError !== undefined
      ? [`Pipeline ${plan.settings.name} does not start: ${runner.lastError}`]
      : [],
  );
}

/**
 * Calls of functions and sinks are dispatched, and their dead letters are redriven; unreadable
 * events are not read again.
 */
export function letterOwnersOf({ settings }: PipelinePlan): LetterOwner[] {
  const { namespace, name, group } = settings;
  const final =
    'Nothing could be made of the event where it was read, and a Pipeline reads each once: mend the Pipeline, and publish the event again. The letter can be purged.';
  return [
    { name: { kind: 'Pipeline', namespace, name }, group, final },
    // Each reads a topic of the Pipeline's own, which has the name of its group.
    ...calledOf(settings).map(called => ({ ...called, source: called.group })),
  ];
}

/** The parts that call functions. */
export function calledOf(
  settings: PipelinePlan['settings'],
): { readonly name: ConsumerName; readonly group: string }[] {
  const { namespace, name, topology } = settings;
  const called = [...topology.calling, ...topology.readers.filter(({ kind }) => kind === 'call')];
  return called.map(({ id }) => ({
    name: { kind: 'Pipeline', namespace, name: `${name}/${id}` },
    group: readerTopicOf(settings, id),
  }));
}

/** The part of a Pipeline that this process knows. */
export function pipelinePartOf({ plan, runner }: PipelineState): PipelinePart {
  const { namespace, name, topology } = plan.settings;
  const others = topology.others.map(({ id }) => id);
  const running = runner.running;
  const stages = [...(running?.stages.values() ?? [])];
  const views = [...(running?.dispatchers.values() ?? [])].map(({ view }) => view);
  const windows = [...(running?.windows.values() ?? [])];
  const handled = (id: string) => running?.stages.get(id)?.totals.handled ?? 0;
  const total = (count: 'refused' | 'jumped' | 'repeated') =>
    stages.reduce((sum, { totals }) => sum + totals[count], 0);
  const trouble =
    stages.flatMap(({ partitions }) => partitions).find(each => each.trouble !== undefined)?.trouble ??
    views.flatMap(({ partitions }) => partitions).find(each => each.trouble !== undefined)?.trouble;
  const stop = stopOf(running);
  const watermarks = windows.flatMap(each => [...each.watermarks.values()]);
  return {
    namespace,
    name,
    state: stop === undefined ? runner.state : 'stopped',
    lastError: stop === undefined ? (runner.lastError ?? trouble) : `${stop.why} ${stop.next}`,
    stop,
    handled: ['source', ...others].reduce((sum, id) => sum + handled(id), 0),
    emitted: windows.reduce((sum, each) => sum + each.emitted, 0),
    late: windows.reduce((sum, each) => sum + each.late, 0),
    filtered: running?.leftOut.filtered ?? 0,
    deduplicated: running?.leftOut.deduplicated ?? 0,
    unjoined: running?.leftOut.unjoined ?? 0,
    watermark: watermarks.length === 0 ? undefined : Math.min(...watermarks),
    joining: windows.flatMap(each => [...each.joining.values()]).reduce((sum, count) => sum + count, 0),
    parkedEvents: views.reduce((sum, { parkedEvents }) => sum + parkedEvents, 0),
    repeated: total('repeated'),
    refused: total('refused'),
    jumped: total('jumped'),
    gathered: Object.fromEntries(archiveIdsOf(plan).map(id => [id, handled(id)])),
    tables: Object.fromEntries(
      tableSinksOf(plan).map(({ id }) => {
        const failing = running?.stages.get(id)?.partitions.find(each => each.trouble !== undefined);
        return [id, { written: handled(id), trouble: failing?.trouble }];
      }),
    ),
  };
}

/** Adds what is in the log, whichever process runs the Pipeline. */
export async function toPipelineReport(
  plan: PipelinePlan,
  { gathered, tables, watermark, ...part }: PipelinePart,
  { log, count }: { readonly log: Storage['log']; readonly count: LetterCount },
): Promise<PipelineReport> {
  const dead = await Promise.all(letterOwnersOf(plan).map(each => count(each.group)));
  // Its lag is unknown before its topics are there.
  const runs = part.state !== 'starting';
  return {
    ...part,
    lastError: part.lastError,
    lag: runs ? await lagOfAll(log, plan.settings) : undefined,
    watermark: watermark === undefined ? undefined : toTimestamp(watermark),
    deadLetters: dead.reduce((sum, count) => sum + count, 0),
    archives: runs ? await archivesOf(plan, gathered, log) : [],
    tables: runs ? await tablesOf(plan, tables, log) : [],
  };
}

function archiveIdsOf({ settings }: PipelinePlan): string[] {
  return settings.topology.readers.filter(({ kind }) => kind === 'archive').map(({ id }) => id);
}

async function archivesOf(
  plan: PipelinePlan,
  gathered: PipelinePart['gathered'],
  log: Storage['log'],
): Promise<ArchiveReport[]> {
  return Promise.all(
    archiveIdsOf(plan).map(async id => {
      const topic = readerTopicOf(plan.settings, id);
      return {
        table: archiveTableOf(plan.settings.name, id),
        behind: await lagOf(log, topic, topic),
        gathered: gathered[id] ?? 0,
      };
    }),
  );
}

function tableSinksOf({ settings }: PipelinePlan) {
  return settings.topology.readers.filter(reader => reader.kind === 'table');
}

/** Several sinks of one Pipeline may write to the same table. */
async function tablesOf(
  plan: PipelinePlan,
  parts: PipelinePart['tables'],
  log: Storage['log'],
): Promise<readonly TableReport[]> {
  const byTable = Map.groupBy(tableSinksOf(plan), ({ table }) => table.table);
  const reports = [...byTable].map(async ([table, sinks]) => {
    const topics = sinks.map(({ id }) => readerTopicOf(plan.settings, id));
    return {
      table,
      behind: addedLag(await Promise.all(topics.map(topic => lagOf(log, topic, topic)))),
      written: sinks.reduce((sum, { id }) => sum + (parts[id]?.written ?? 0), 0),
      trouble: sinks.map(({ id }) => parts[id]?.trouble).find(trouble => trouble !== undefined),
    };
  });
  return Promise.all(reports);
}

/** The lag in its Topic and in those that it is joined with. */
async function lagOfAll(log: Storage['log'], settings: PipelinePlan['settings']): Promise<number | undefined> {
  const lags = [await lagOf(log, settings.group, settings.topic)];
  for (const { id, topic } of othersOf(settings)) lags.push(await lagOf(log, readerTopicOf(settings, id), topic.topic));
  return addedLag(lags);
}

function addedLag(lags: readonly (number | undefined)[]): number | undefined {
  return lags.reduce((sum, lag) => (sum === undefined || lag === undefined ? undefined : sum + lag), 0);
}

async function lagOf(log: Storage['log'], group: string, topic: string): Promise<number | undefined> {
  const [bounds, positions] = await Promise.all([log.bounds(topic), log.positions(group, topic)]);
  return bounds?.reduce((sum, { start, end }, partition) => {
    const position = positions[partition]?.offset ?? start;
    return sum + Math.max(0, end - Math.max(start, position));
  }, 0);
}
