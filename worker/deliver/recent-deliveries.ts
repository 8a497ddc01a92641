// When the newest events were handled that this process has delivered, and how long that took. Only
// memory has it, as a write for each event would cost more than the answer is worth.
import { INDEX_HEADER } from '../../core/fan-outs/facts.ts';
import { JOB_HEADER } from '../../core/jobs/job-id.ts';
import type { World } from '../../core/world.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Destination } from './destination.ts';

/** A delivery after which the event was done. */
export interface RecentDelivery {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly ms: number;
  /** From 1. */
  readonly attempt: number;
  /** Events of the same call, with this one. */
  readonly together: number;
}

/** The delivery of an item of a job. */
export interface ItemDelivery extends RecentDelivery {
  /** Of the item. */
  readonly index: number;
}

/** The newest deliveries of a job's items. */
export interface ItemDeliveries {
  /** The slowest first. */
  readonly slowest: readonly ItemDelivery[];
  /** The items that are remembered. */
  readonly timed: number;
}

/** The place of an event. Its offset has the epoch of the topic, so no later topic has it again. */
export interface DeliveredAt {
  readonly group: string;
  readonly partition: number;
  readonly offset: number;
}

const MOST = 20_000;

/** A ring of numbers and of known texts: an object for each event would be garbage to collect. */
export class RecentDeliveries {
  readonly #most: number;
  readonly #groups: string[] = [];
  /** The secret parts of the ids of jobs; empty for what is no item of one. */
  readonly #jobs: string[] = [];
  readonly #items: Int32Array;
  readonly #partitions: Int32Array;
  readonly #offsets: Float64Array;
  readonly #starts: Float64Array;
  readonly #times: Float64Array;
  readonly #attempts: Int32Array;
  readonly #together: Int32Array;
  #count = 0;

  constructor(most = MOST) {
    this.#most = most;
    this.#items = new Int32Array(most);
    this.#partitions = new Int32Array(most);
    this.#offsets = new Float64Array(most);
    this.#starts = new Float64Array(most);
    this.#times = new Float64Array(most);
    this.#attempts = new Int32Array(most);
    this.#together = new Int32Array(most);
  }

  add(
    group: string,
    partition: number,
    { offset, headers }: Pick<LogRecord, 'offset' | 'headers'>,
    delivery: RecentDelivery,
  ): void {
    const slot = this.#count++ % this.#most;
    this.#groups[slot] = group;
    const { job, index } = itemOf(headers);
    this.#jobs[slot] = job;
    this.#items[slot] = index;
    this.#partitions[slot] = partition;
    this.#offsets[slot] = offset;
    this.#starts[slot] = delivery.startedAt;
    this.#times[slot] = delivery.ms;
    this.#attempts[slot] = delivery.attempt;
    this.#together[slot] = delivery.together;
  }

  /** The newest one of the event. Undefined: it was longer ago, or elsewhere. */
  find({ group, partition, offset }: DeliveredAt): RecentDelivery | undefined {
    const first = this.#first();
    for (let at = this.#count - 1; at >= first; at--) {
      const slot = at % this.#most;
      if (this.#offsets[slot] === offset && this.#partitions[slot] === partition && this.#groups[slot] === group)
        return this.#at(slot);
    }
    return undefined;
  }

  /** The newest ones of the items of a job, at most `most`. */
  itemsOf(group: string, job: string, most: number): ItemDeliveries {
    const items = new Map<number, ItemDelivery>();
    // A later one of the same item takes the place of the earlier.
    for (let at = this.#first(); at < this.#count; at++) {
      const slot = at % this.#most;
      const index = this.#items[slot] ?? -1;
      if (index < 0 || this.#jobs[slot] !== job || this.#groups[slot] !== group) continue;
      items.set(index, { index, ...this.#at(slot) });
    }
    return { slowest: slowestOf([...items.values()], most), timed: items.size };
  }

  #first(): number {
    return Math.max(0, this.#count - this.#most);
  }

  #at(slot: number): RecentDelivery {
    return {
      startedAt: this.#starts[slot] ?? 0,
      ms: this.#times[slot] ?? 0,
      attempt: this.#attempts[slot] ?? 0,
      together: this.#together[slot] ?? 0,
    };
  }
}

const NO_ITEM = { job: '', index: -1 } as const;
/** Others may write headers of any length into a topic of ours. */
const NONCE_LENGTH = 16;

function itemOf(headers: LogRecord['headers']): { readonly job: string; readonly index: number } {
  const job = headers[JOB_HEADER] ?? '';
  const index = Number(headers[INDEX_HEADER] || -1);
  return index >= 0 && job.length === NONCE_LENGTH ? { job, index } : NO_ITEM;
}

export function slowestOf<T extends Pick<RecentDelivery, 'ms'>>(deliveries: readonly T[], most: number): readonly T[] {
  return deliveries.toSorted((a, b) => b.ms - a.ms).slice(0, most);
}

export interface TimesOptions {
  /** Undefined where nothing is remembered. */
  readonly recent: RecentDeliveries | undefined;
  readonly group: string;
  readonly world: World;
}

/** Remembers the deliveries of the group, and changes none. */
export function withTimes(destination: Destination, { recent, group, world }: TimesOptions): Destination {
  if (recent === undefined) return destination;
  return {
    label: destination.label,
    async deliver(items, signal) {
      const began = world.monotonic();
      const outcomes = await destination.deliver(items, signal);
      if (signal.aborted) return outcomes;
      const ms = world.monotonic() - began;
      const startedAt = world.now() - ms;
      for (const [index, { partition, record, attempt }] of items.entries()) {
        if (outcomes[index]?.kind !== 'done') continue;
        recent.add(group, partition, record, { startedAt, ms, attempt, together: items.length });
      }
      return outcomes;
    },
  };
}
