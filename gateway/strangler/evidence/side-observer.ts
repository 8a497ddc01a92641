// Counts one answer for the side that gave it.
import { TenfoldError } from '../../../core/errors.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { ResponseFilter } from '../../exchange/response-filter.ts';
import { limitTimeToAnswer } from '../../upstream/policies/time-to-answer.ts';
import type { Side, Tally } from './tally.ts';

/** A class, as there is one for every request. */
export class SideObserver implements ResponseFilter {
  readonly #world: World;
  readonly #tally: Tally;
  readonly #side: Side;
  readonly #began: number;
  /** Called when the new side failed, so that a decision need not wait. */
  readonly #onFailed: (() => void) | undefined;
  #status = 0;
  #timer: Timer | undefined;

  constructor(world: World, tally: Tally, side: Side, onFailed?: () => void) {
    this.#world = world;
    this.#tally = tally;
    this.#side = side;
    this.#began = world.monotonic();
    this.#onFailed = onFailed;
  }

  /** For a side that has less time than the route. */
  limit(exchange: Exchange, timeoutMs: number): void {
    this.#timer = limitTimeToAnswer(this.#world, exchange, timeoutMs, () => {
      if (this.#status === 0) exchange.fail(new TenfoldError('timeout', `No answer within ${timeoutMs} ms.`));
    });
  }

  onHead(status: number): void {
    this.#status = status;
    this.#timer?.cancel();
  }

  onEnd(): void {
    this.#count(this.#status >= 500);
  }

  onFailure(failure: Error): void {
    this.#timer?.cancel();
    // The client's own fault, or its leaving, says nothing about the side.
    if (!(failure instanceof TenfoldError) || failure.status >= 500) this.#count(true);
  }

  #count(failed: boolean): void {
    const now = this.#world.monotonic();
    this.#tally.answered(this.#side, failed, now - this.#began, now);
    if (failed) this.#onFailed?.();
  }
}
