// The first stage of a pipeline: takes the events of its Topic through steps without state, hands
// on the results, then moves on.
import { isFor } from '../../core/cloudevents/addressee.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord, ReadBatch } from '../../drivers/event-log/event-log.ts';
import { type Operator, startOperator } from '../fold/operator.ts';
import { isPoison } from '../fold/poison.ts';
import type { Stage, StageObserver, StageWork } from '../fold/stage.ts';
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
  /** Topics in the log that its events are joined with. */
  readonly beside: readonly string[];
  /** Resource name of the Topic. */
  readonly source: string;
  /** The address of the Pipeline: it leaves out what is for another consumer. */
  readonly address: string;
  readonly flow: Flow;
  readonly tools: FlowTools;
  readonly outlets: readonly Outlet[];
  /** Set where windows behind it counted the Topic's events in place before. */
  readonly moved?: MovedFlow | undefined;
  /**
   * Sets an unusable record aside. Resolves once that is durable; called at least once for each.
   */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
}

export interface MovedFlow {
  /** Written beside its positions. */
  readonly note: string;
  /** The offset at which to begin if somebody else has written the position. */
  beginAt(partition: number, committed: number | undefined): Promise<number | undefined>;
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
export async function startFlowStage(options: FlowStageOptions): Promise<Stage> {
  const { world, log, settings, observer } = options;
  const { group, topic, beside } = settings;
  const ends = createLogEnds(world, log, topic, beside);
  const start = async (work: StageWork) => {
    // A group that has never read the partition has lost nothing of the records deleted before.
    const { offset, metadata } = (await work.owned.committed()) ?? {};
    const { moved } = settings;
    const isOwn = moved === undefined || metadata === moved.note;
    const from = isOwn ? offset : await moved.beginAt(work.owned.partition, offset);
    return new PartitionFlow(options, ends, work, from);
  };
  return startOperator({ world, log, group, topic, observer, start });
}

class PartitionFlow implements Operator {
  readonly from: number | undefined;
  readonly #options: FlowStageOptions;
  readonly #ends: LogEnds;
  readonly #work: StageWork;
  /** The outlets that hear of the progress. */
  readonly #told: readonly Outlet[];
  /** The committed position. */
  #position: number | undefined;
  #checkedAt: number;
  #toldAt: number;
  #look: Look | undefined;

  constructor(options: FlowStageOptions, ends: LogEnds, work: StageWork, from: number | undefined) {
    const { world, settings } = options;
    this.from = from;
    this.#options = options;
    this.#ends = ends;
    this.#work = work;
    this.#told = settings.outlets.filter(({ reached }) => reached !== undefined);
    this.#position = from;
    this.#checkedAt = world.monotonic();
    this.#toldAt = world.monotonic();
    for (const outlet of this.#told) outlet.began?.(work.owned.partition);
  }

  patienceMs(): number {
    return LOOK_EVERY_MS;
  }

  async idle(): Promise<undefined> {
    const { world } = this.#options;
    const { owned } = this.#work;
    if (world.monotonic() - this.#checkedAt > CHECK_EVERY_MS) {
      this.#checkedAt = world.monotonic();
      const committed = (await owned.committed())?.offset;
      // A former owner's late commit has set the position back. Readers of it would think that
      // there was something to do.
      if (this.#position !== undefined && committed !== this.#position)
        await owned.commit({ offset: this.#position, metadata: this.#options.settings.moved?.note ?? '' });
    }
    if (this.#told.length > 0) await this.#tell(true);
  }

  async records({ records, next }: ReadBatch): Promise<undefined> {
    const { world, settings } = this.#options;
    const { owned, state, totals, signal } = this.#work;
    const { partition } = owned;
    const { address, flow, moved, outlets, source, tools } = settings;
    const refused = new Map<LogRecord, unknown>();
    const refuse = (record: LogRecord, error: unknown) => {
      if (!isPoison(error)) throw error;
      if (!refused.has(record)) refused.set(record, error);
    };
    const items: FlowItem[] = [];
    const leftOut = createLeftOut();
    for (const record of records) {
      if (!isFor(record, address)) {
        leftOut.filtered++;
        continue;
      }
      try {
        items.push(sourceItem(record, partition, source));
      } catch (error) {
        refuse(record, error);
      }
    }
    const refuseItem = ({ cause }: FlowItem, error: unknown) => refuse(cause.record, error);
    const made: FlowItem[][] = outlets.map(() => []);
    await runFlow(flow, items, { outlets: made, refuse: refuseItem, tools, leftOut, attempt: 1, signal });
    for (const outlet of this.#told) await outlet.grew?.(partition, await this.#ends.partitions(), signal);
    signal.throwIfAborted();
    await Promise.all(outlets.map((outlet, index) => putInto(outlet, made[index] ?? [], refuseItem, signal)));
    for (const [record, error] of refused) await this.#refuse(record, error);
    signal.throwIfAborted();
    await owned.commit({ offset: next, metadata: moved?.note ?? '' });
    addLeftOut(tools.leftOut, leftOut);
    totals.handled += records.length;
    this.#position = next;
    state.position = next;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    state.trouble = undefined;
    if (this.#told.length > 0 && world.monotonic() - this.#toldAt >= LOOK_EVERY_MS) await this.#tell(false);
  }

  async #refuse(record: LogRecord, error: unknown): Promise<void> {
    const { settings, observer } = this.#options;
    const { owned, totals, signal } = this.#work;
    signal.throwIfAborted();
    await settings.refused(owned.partition, record, error);
    totals.refused++;
    observer.refused(owned.partition, record, error);
  }

  /** All records read so far have been put. `isAtEnd`: there seem to be no more. */
  async #tell(isAtEnd: boolean): Promise<void> {
    const { world } = this.#options;
    const { owned, state, signal } = this.#work;
    this.#toldAt = world.monotonic();
    const upTo = state.position ?? 0;
    const newest = await this.#ends.look();
    // While events come without a pause, an earlier look says more than one whose end the stage
    // never reaches.
    const past = await this.#firstPast([newest, this.#look], upTo, isAtEnd);
    this.#look = past ? undefined : (this.#look ?? newest);
    for (const outlet of this.#told) await outlet.reached?.(owned.partition, upTo, past?.before, signal);
  }

  async #firstPast(looks: readonly (Look | undefined)[], upTo: number, isAtEnd: boolean): Promise<Look | undefined> {
    const { log, settings } = this.#options;
    const { partition } = this.#work.owned;
    for (const look of looks) {
      const end = look?.after.get(partition);
      if (end === undefined) continue;
      if (isAtEnd ? await hasReadTo(log, settings.topic, partition, upTo, end) : upTo >= end) return look;
    }
    return undefined;
  }
}
