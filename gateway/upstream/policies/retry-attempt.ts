// One attempt of a call that may be made again: ends by itself, and hands on only the answer
// that the caller is to get.
import type { Duplex } from 'node:stream';
import { isTimeout, TenfoldError } from '../../../core/errors.ts';
import { parseRetryAfter } from '../../../core/retry/retry-after.ts';
import { callContext, type TraceContext } from '../../../core/trace-context.ts';
import { ATTEMPT_HEADER } from '../../../core/wire.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { Call } from '../../exchange/target.ts';
import { rawField } from '../../http/raw-field.ts';
import type { UpstreamControl } from '../../transport/transport.ts';
import { RelayCall } from './relay-call.ts';
import { errorConditions, type Failure, statusConditions, transportConditions } from './retry-decision.ts';
import { limitTimeToAnswer } from './time-to-answer.ts';

/**
 * Bytes of an answer that nobody gets which are read to keep the
 * connection; more are cheaper to cut.
 */
const MAX_DISCARDED_BYTES = 65_536;

export interface AttemptInit {
  readonly world: World;
  /** Number of the attempt for the target; undefined: none is sent. */
  readonly number: number | undefined;
  /** Whether nothing was tried before. */
  readonly first: boolean;
  readonly timeoutMs: number | undefined;
  /**
   * Whether the call is made again after this failure; then the attempt is over, and its
   * failure nobody's business.
   */
  again(failure: Failure): boolean;
}

export class Attempt extends RelayCall {
  readonly #init: AttemptInit;
  readonly #trace: TraceContext;
  #timer: Timer | undefined;
  #abort: AbortController | undefined;
  #control: UpstreamControl | undefined;
  #sent = false;
  #begun = false;
  #over = false;
  #discarded = 0;
  /** Its own time was over. */
  #late = false;

  constructor(outer: Call, init: AttemptInit) {
    super(outer);
    this.#init = init;
    this.#trace = init.first ? outer.trace : callContext(outer.trace);
    const { timeoutMs, world } = init;
    if (timeoutMs !== undefined && timeoutMs < outer.remainingMs) {
      this.#timer = limitTimeToAnswer(world, outer, timeoutMs, () =>
        this.fail(new TenfoldError('timeout', `No answer within ${timeoutMs} ms.`)),
      );
    }
  }

  /** Each attempt is a span of its own. */
  override get trace(): TraceContext {
    return this.#trace;
  }

  override get headers(): readonly string[] {
    const { number } = this.#init;
    return number === undefined ? this.outer.headers : this.outer.headers.concat(ATTEMPT_HEADER, String(number));
  }

  override get ended(): boolean {
    return this.#over || this.outer.ended;
  }

  override get late(): boolean {
    return this.#late || this.outer.late === true;
  }

  /** Aborts with this attempt, so that what waits for it does not wait for the next one. */
  override get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.ended) this.#abort.abort();
    return this.#abort.signal;
  }

  override get remainingMs(): number {
    const { timeoutMs } = this.#init;
    const { remainingMs } = this.outer;
    return timeoutMs === undefined ? remainingMs : Math.min(timeoutMs, remainingMs);
  }

  override fail(error: unknown): void {
    if (this.ended) return;
    const retryAfterMs =
      error instanceof TenfoldError && error.retryAfterSeconds !== undefined
        ? error.retryAfterSeconds * 1000
        : undefined;
    const failure = { conditions: errorConditions(error), sent: this.#sent, retryAfterMs };
    if (!this.#begun && this.#init.again(failure)) this.giveUp(error);
    else this.outer.fail(error);
  }

  override onRequestStart(control: UpstreamControl): void {
    this.#control = control;
    this.#sent = true;
    if (this.#over) control.abort(new Error('the attempt was given up'));
    else this.outer.onRequestStart(control);
  }

  override onRequestUpgrade(control: UpstreamControl, status: number, headers: unknown, socket: Duplex): void {
    this.#begun = true;
    this.#timer?.cancel();
    super.onRequestUpgrade(control, status, headers, socket);
  }

  override onResponseStart(control: UpstreamControl, status: number): void {
    if (this.ended || status < 200) return;
    if (status >= 400) {
      const retryAfterMs = parseRetryAfter(rawField(control.rawHeaders, 'retry-after'), this.#init.world.now());
      if (this.#init.again({ conditions: statusConditions(status), sent: true, retryAfterMs })) {
        // Its body is read to the end, within bounds, so that the connection can be used again.
        this.#stop();
        return;
      }
    }
    this.#begun = true;
    this.#timer?.cancel();
    this.outer.onResponseStart(control, status);
  }

  override onResponseData(control: UpstreamControl, chunk: Buffer): void {
    if (!this.#over) {
      this.outer.onResponseData(control, chunk);
      return;
    }
    this.#discarded += chunk.length;
    if (this.#discarded > MAX_DISCARDED_BYTES) control.abort(new Error('the answer is not wanted'));
  }

  override onResponseEnd(control: UpstreamControl): void {
    if (this.#over) this.releaseHeld();
    else this.outer.onResponseEnd(control);
  }

  override onResponseError(control: UpstreamControl, error: Error): void {
    if (this.#over) {
      this.releaseHeld();
      return;
    }
    if (!this.#begun && !this.outer.ended) {
      const conditions = transportConditions(error, this.#sent);
      if (this.#init.again({ conditions, sent: this.#sent, retryAfterMs: undefined })) {
        this.giveUp(error);
        return;
      }
    }
    this.outer.onResponseError(control, error);
  }

  /** Its answer goes to the caller. */
  protected get hasBegun(): boolean {
    return this.#begun && !this.#over;
  }

  /** Ends the rest of it, e.g. an unwanted answer that still arrives. */
  giveUp(reason: unknown): void {
    this.#late = isTimeout(reason);
    this.#stop();
    this.#control?.abort(reason instanceof Error ? reason : new Error('the attempt was given up'));
    this.releaseHeld();
  }

  protected override outerEnded(): void {
    this.#stop();
    this.releaseHeld();
  }

  #stop(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#abort?.abort();
  }
}
