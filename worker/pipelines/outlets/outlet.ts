// Where a stage of a pipeline hands what it has made to: the next stage, or a sink.
import type { Ends } from '../../fold/clock-record.ts';
import type { Item } from '../flow/item.ts';

/**
 * The seam of sinks that take events as they come. What wants a fold of its own (an archive) or retries (a function) reads an internal topic, which
 * is an outlet, too.
 */
export interface Outlet {
  /** For people: `topic clicks.clean`. */
  readonly label: string;
  /**
   * Resolves once all of them are durable. Called for one partition of what the stage reads at a time, in order; after a failure, a crash or beside a
   * second owner the same come again, under the same ids. `refuse` is told of those that it cannot take, now or ever; rejects with all else.
   */
  put(items: readonly Item[], refuse: (item: Item, error: unknown) => void, signal: AbortSignal): Promise<void>;
  /** Whoever works on the partition from now on begins. */
  began?(partition: number): void;
  /**
   * The source is seen to have so many partitions. Told before events are put that were read later than a second before that, as time must not go on
   * without a partition that is new.
   */
  grew?(partition: number, sources: number, signal: AbortSignal): Promise<void>;
  /**
   * Told every second or so: all below `upTo` has been put. `ends`: where the partitions of the source were seen to end before its own end was, up to
   * which all has been put; undefined where that is not known at the moment.
   */
  reached?(partition: number, upTo: number, ends: Ends | undefined, signal: AbortSignal): Promise<void>;
}

export async function putInto(
  outlet: Outlet | undefined,
  items: readonly Item[],
  refuse: (item: Item, error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  if (outlet && items.length > 0) await outlet.put(items, refuse, signal);
}
