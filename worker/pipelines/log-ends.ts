// Looks now and then at where the partitions of a topic end, one look after the other. From that a
// stage knows that a partition has nothing older to come.
import type { World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Ends } from '../fold/clock-record.ts';

/** The ends of partitions, by topic of the log. */
export type EndsByTopic = ReadonlyMap<string, Ends>;

export interface Look {
  /** All records below these had been appended before the look at `after`. */
  readonly before: EndsByTopic;
  /**
   * The ends of the topic by partition. No record of it is to come that is older than the records
   * below `before`.
   */
  readonly after: Ends;
}

export interface LogEnds {
  /** A look that is a second old at most; undefined before the second one. */
  look(): Promise<Look | undefined>;
  /** How many partitions there are, seen within the last second. */
  partitions(): Promise<number>;
}

const EVERY_MS = 1_000;

/**
 * Two looks are needed. A log asks the leaders of partitions one by one, so within one look nobody
 * knows which end was seen first. All readers of the topic share a look: each is one query for all
 * partitions. `beside`: other topics whose ends are seen with it.
 */
export function createLogEnds(
  world: Pick<World, 'monotonic'>,
  log: Pick<EventLog, 'bounds'>,
  topic: string,
  beside: readonly string[] = [],
): LogEnds {
  let newest: EndsByTopic | undefined;
  let look: Look | undefined;
  let at = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  const ask = async () => {
    const askedAt = world.monotonic();
    const ends = new Map<string, Ends>();
    for (const each of [topic, ...beside]) {
      const bounds = await log.bounds(each);
      if (bounds === undefined) return;
      ends.set(each, new Map(bounds.map(({ end }, partition) => [partition, end])));
    }
    look = newest && { before: newest, after: ends.get(topic) ?? new Map() };
    newest = ends;
    at = askedAt;
  };
  const refresh = async () => {
    if (world.monotonic() - at < EVERY_MS) return;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  };
  return {
    async look() {
      await refresh();
      return look;
    },
    async partitions() {
      await refresh();
      return newest?.get(topic)?.size ?? 0;
    },
  };
}

const ONE = { maxRecords: 1, maxBytes: 1 };

/**
 * Whether nothing is left to read below the end. Some offsets may hold no record, such as ends of
 * transactions.
 */
export async function hasReadTo(
  log: Pick<EventLog, 'read'>,
  topic: string,
  partition: number,
  position: number,
  end: number,
): Promise<boolean> {
  if (position >= end) return true;
  const { records, next } = await log.read(topic, partition, position, ONE);
  return (records[0]?.offset ?? next) >= end;
}
