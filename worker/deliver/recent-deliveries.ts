// When the newest events were handled that this process has delivered, and how long that took. Only
// memory has it, as a write for each event would cost more than the answer is worth.
import type { World } from '../../core/world.ts';
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

const MOST = 20_000;

/** A ring of numbers: an object for each event would be garbage to collect. */
export class RecentDeliveries {
  readonly #most: number;
  readonly #groups: string[] = [];
  readonly #groupOf: Int32Array;
  readonly #partitions: Int32Array;
  readonly #offsets: Float64Array;
  readonly #starts: Float64Array;
  readonly #times: Float64Array;
  readonly #attempts: Int32Array;
  readonly #together: Int32Array;
  #count = 0;

  constructor(most = MOST) {
    this.#most = most;
    this.#groupOf = new Int32Array(most);
    this.#partitions = new Int32Array(most);
    this.#offsets = new Float64Array(most);
    this.#starts = new Float64Array(most);
    this.#times = new Float64Array(most);
    this.#attempts = new Int32Array(most);
    this.#together = new Int32Array(most);
  }

  /** The number by which `add` knows the group. */
  numberOf(group: string): number {
    const known = this.#groups.indexOf(group);
    return known === -1 ? this.#groups.push(group) - 1 : known;
  }

  add(group: number, partition: number, offset: number, delivery: RecentDelivery): void {
    const slot = this.#count++ % this.#most;
    this.#groupOf[slot] = group;
    this.#partitions[slot] = partition;
    this.#offsets[slot] = offset;
    this.#starts[slot] = delivery.startedAt;
    this.#times[slot] = delivery.ms;
    this.#attempts[slot] = delivery.attempt;
    this.#together[slot] = delivery.together;
  }

  /** The newest one of the event. Undefined: it was longer ago, or elsewhere. */
  find(name: string, partition: number, offset: number): RecentDelivery | undefined {
    const group = this.#groups.indexOf(name);
    if (group === -1) return undefined;
    const first = Math.max(0, this.#count - this.#most);
    for (let at = this.#count - 1; at >= first; at--) {
      const slot = at % this.#most;
      if (this.#offsets[slot] !== offset || this.#partitions[slot] !== partition || this.#groupOf[slot] !== group)
        continue;
      return {
        startedAt: this.#starts[slot] ?? 0,
        ms: this.#times[slot] ?? 0,
        attempt: this.#attempts[slot] ?? 0,
        together: this.#together[slot] ?? 0,
      };
    }
    return undefined;
  }
}

/** Remembers the deliveries of the group, and changes none. */
export function withTimes(
  destination: Destination,
  { recent, group, world }: { readonly recent: RecentDeliveries; readonly group: string; readonly world: World },
): Destination {
  const number = recent.numberOf(group);
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
        recent.add(number, partition, record.offset, { startedAt, ms, attempt, together: items.length });
      }
      return outcomes;
    },
  };
}
