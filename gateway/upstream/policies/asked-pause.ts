// The pause that a function asks all of its callers for, by Retry-After.
import { LONGEST_ASKED_MS, parseRetryAfter } from '../../../core/retry/retry-after.ts';
import { REFUSED_HEADER } from '../../../core/wire.ts';
import type { World } from '../../../core/world.ts';
import type { Call } from '../../exchange/target.ts';
import { rawField } from '../../http/raw-field.ts';
import type { UpstreamControl } from '../../transport/transport.ts';

/** A class, as it is state that outlives the plan. */
export class AskedPause {
  readonly #world: Pick<World, 'now' | 'monotonic'>;
  /** On the monotonic clock; 0 while there is none. */
  #until = 0;

  constructor(world: Pick<World, 'now' | 'monotonic'>) {
    this.#world = world;
  }

  /** Milliseconds that are left of it; 0 while there is none. Every call asks for it. */
  get leftMs(): number {
    if (this.#until === 0) return 0;
    const left = this.#until - this.#world.monotonic();
    if (left > 0) return left;
    this.#until = 0;
    return 0;
  }

  /**
   * Tells it of an answer with 429 or 503. Many services answer 429 to one user alone, so it counts
   * only where the platform itself made the call, for an event or a job, which has `workMs`: one
   * client must not stop a function for all. The same holds for one event.
   */
  answered(status: number, fields: UpstreamControl['rawHeaders'], call: Pick<Call, 'workMs' | 'asksAlone'>): void {
    if (call.asksAlone || (status !== 503 && call.workMs === undefined)) return;
    const ms = parseRetryAfter(rawField(fields, 'retry-after'), this.#world.now());
    // One instance that ends or is full does not speak for the others.
    if (ms === undefined || ms === 0 || rawField(fields, REFUSED_HEADER) !== undefined) return;
    this.#until = Math.max(this.#until, this.#world.monotonic() + Math.min(ms, LONGEST_ASKED_MS));
  }
}
