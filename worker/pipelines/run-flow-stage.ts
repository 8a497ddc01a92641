// The first stage of a pipeline: takes the events of its Topic through steps without state, hands
// on the results, then moves on.
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord, ReadBatch } from '../../drivers/event-log/event-log.ts';
import { isPoison } from '../fold/poison.ts';
import { readAhead } from '../fold/read-ahead.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from '../fold/stage.ts';
import { quietly, within } from '../fold/within.ts';
import { type Flow, runFlow } from './flow/flow.ts';
import { addLeftOut, createLeftOut, type FlowTools } from './flow/flow-tools.ts';
import type { FlowItem } from './flow/item.ts';
import { sourceItem } from './flow/item-codec.ts';
import { createLogEnds, hasReadTo, type LogEnds, type Look } from './log-ends.ts';
import { type Outlet, putInto } from './outlets/outlet.ts';

export interface FlowStageSettings {
  readonly group: string;
  /** In the log. */
  readonly topic: string;
  /** Resource name of the Topic. */
  readonly source: string;
  readonly flow: Flow;
  readonly tools: FlowTools;
  readonly outlets: readonly Outlet[];
  /**
   * Sets an unusable record aside. Resolves once that is durable; called at least once for each.
   */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
}

export interface FlowStageOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: FlowStageSettings;
  readonly observer: StageObserver;
}

/** How often outlets hear of the progress. */
const LOOK_EVERY_MS = 1_000;
const CHECK_EVERY_MS = 5_000;

/**
 * Handles one batch after the other, and the position after them. After any stop, events come again
 * under the same ids, and their counters have seen all events before them.
 */
export async function startFlowStage({ world, log, settings, observer }: FlowStageOptions): Promise<Stage> {
  const { group, topic } = settings;
  const ends = createLogEnds(world, log, topic);
  return startStage({
    world,
    log,
    group,
    topic,
    observer,
    work: work => flowThrough(world, log, settings, observer, ends, work),
  });
}

async function flowThrough(
  world: World,
  log: Pick<EventLog, 'read'>,
  settings: FlowStageSettings,
  observer: StageObserver,
  ends: LogEnds,
  work: StageWork,
): Promise<string> {
  const { owned, state, totals, signal } = work;
  const { partition } = owned;
  const { flow, outlets, source, tools } = settings;
  // A group that has never read the partition has lost nothing of the records deleted before.
  const from = (await owned.committed())?.offset;
  signal.throwIfAborted();
  state.position = from ?? 0;
  const batches: AsyncIterator<ReadBatch> = readAhead(work, settings.topic, from, observer);
  let checkedAt = world.monotonic();
  let position = from;
  const told = outlets.filter(({ reached }) => reached !== undefined);
  for (const { began } of told) began?.(partition);
  let toldAt = world.monotonic();
  let look: Look | undefined;
  /** All records read so far have been put. `isAtEnd`: there seem to be no more. */
  const tell = async (isAtEnd: boolean) => {
    toldAt = world.monotonic();
    const upTo = state.position ?? 0;
    const isPast = async (each: Look | undefined): Promise<boolean> => {
      const end = each?.after.get(partition);
      if (end === undefined) return false;
      return isAtEnd ? hasReadTo(log, settings.topic, partition, upTo, end) : upTo >= end;
    };
    const newest = await ends.look();
    // While events come without a pause, an earlier look says more than one whose end the stage
    // never reaches.
    const past = (await isPast(newest)) ? newest : (await isPast(look)) ? look : undefined;
    look = past ? undefined : (look ?? newest);
    for (const outlet of told) await outlet.reached?.(partition, upTo, past?.before, signal);
  };
  for (let pending = quietly(batches.next()); ; ) {
    const turn = await within(world, pending, LOOK_EVERY_MS, signal);
    if (turn === undefined) {
      if (world.monotonic() - checkedAt > CHECK_EVERY_MS) {
        checkedAt = world.monotonic();
        const committed = (await owned.committed())?.offset;
        // A former owner's late commit has set the position back. Readers of it would think that
        // there was something to do.
        if (position !== undefined && committed !== position) await owned.commit({ offset: position, metadata: '' });
      }
      if (told.length > 0) await tell(true);
      continue;
    }
    pending = quietly(batches.next());
    const { records, next } = turn.value;
    const refused = new Map<LogRecord, unknown>();
    const refuse = (record: LogRecord, error: unknown) => {
      if (!isPoison(error)) throw error;
      if (!refused.has(record)) refused.set(record, error);
    };
    const items: FlowItem[] = [];
    for (const record of records) {
      try {
        items.push(sourceItem(record, partition, source));
      } catch (error) {
        refuse(record, error);
      }
    }
    const refuseItem = ({ cause }: FlowItem, error: unknown) => refuse(cause.record, error);
    const made: FlowItem[][] = outlets.map(() => []);
    const leftOut = createLeftOut();
    await runFlow(flow, items, { outlets: made, refuse: refuseItem, tools, leftOut, attempt: 1, signal });
    for (const outlet of told) await outlet.grew?.(partition, await ends.partitions(), signal);
    signal.throwIfAborted();
    await Promise.all(outlets.map((outlet, index) => putInto(outlet, made[index] ?? [], refuseItem, signal)));
    for (const [record, error] of refused) {
      signal.throwIfAborted();
      await settings.refused(partition, record, error);
      totals.refused++;
      observer.refused(partition, record, error);
    }
    signal.throwIfAborted();
    await owned.commit({ offset: next, metadata: '' });
    addLeftOut(tools.leftOut, leftOut);
    totals.handled += records.length;
    position = next;
    state.position = next;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    state.trouble = undefined;
    if (told.length > 0 && world.monotonic() - toldAt >= LOOK_EVERY_MS) await tell(false);
  }
}
