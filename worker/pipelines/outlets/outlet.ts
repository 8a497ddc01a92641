// The outlet to which a stage of a pipeline hands its results: the next stage, or a sink.
import type { FlowItem } from '../flow/item.ts';
import type { EndsByTopic } from '../log-ends.ts';

/**
 * The port of sinks that take events as they come. A sink with a fold of its own (an archive) or
 * with retries (a function) reads an internal topic, which is an outlet, too.
 */
export interface Outlet {
  /** For people: `topic clicks.clean`. */
  readonly label: string;
  /**
   * Resolves once all of them are durable. It is called for one partition of the stage's source at
   * a time, in order. After a failure, a crash or beside a second owner the same items come again,
   * under the same ids. `refuse` takes items that the outlet cannot take, now or ever; all other
   * errors reject.
   */
  put(items: readonly FlowItem[], refuse: (item: FlowItem, error: unknown) => void, signal: AbortSignal): Promise<void>;
  /** A new owner of the partition begins. */
  began?(partition: number): void;
  /**
   * The source has so many partitions. Called before events are put that were read later than a
   * second before that. Time must not go on without a new partition.
   */
  grew?(partition: number, sources: number, signal: AbortSignal): Promise<void>;
  /**
   * Called every second or so: all below `upTo` has been put. `ends`: the ends of the source's
   * partitions up to which all has been put, as seen before its own end was, and those of topics
   * that it is joined with. Undefined where they are not known at the moment.
   */
  reached?(partition: number, upTo: number, ends: EndsByTopic | undefined, signal: AbortSignal): Promise<void>;
}

export async function putInto(
  outlet: Outlet | undefined,
  items: readonly FlowItem[],
  refuse: (item: FlowItem, error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  if (outlet && items.length > 0) await outlet.put(items, refuse, signal);
}
