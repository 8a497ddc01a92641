// How long an exchange may take: until its answer begins, counted anew while the client sends; from
// then on only silence counts.
import { TenfoldError } from '../../core/errors.ts';
import { timeForBytes } from '../../core/http/least-pace.ts';
import type { Timer, World } from '../../core/world.ts';

/** Silence that ends an answer whose route says nothing of it, milliseconds. */
export const DEFAULT_IDLE_MS = 300_000;

export interface TimeLimitsInit {
  readonly world: World;
  /** Until the answer begins, milliseconds. */
  readonly timeoutMs: number;
  /** Whether a part of the request is missing that the client has not sent. */
  waitsForClient(): boolean;
  /** Called at most once. */
  late(error: TenfoldError): void;
}

/**
 * A class, as there is one for every request. One timer serves all limits: it checks which are due,
 * instead of being set for each chunk.
 */
export class TimeLimits {
  readonly #init: TimeLimitsInit;
  readonly #startedAt: number;
  #deadline: number;
  #received = 0;
  #bodyAt: number | undefined;
  /** Undefined until the answer begins. */
  #idleMs: number | undefined;
  #heardAt = 0;
  #sent = 0;
  /** Since when the client takes nothing. */
  #blockedAt: number | undefined;
  #blockedMs = 0;
  /** When an answer began, by the monotonic clock. */
  begunAt: number | undefined;
  #timer: Timer | undefined;
  #firesAt = 0;
  #excused = false;
  /** From when on an answer of known length must come at the least pace. */
  #dripsFrom = Number.POSITIVE_INFINITY;

  constructor(init: TimeLimitsInit) {
    this.#init = init;
    this.#startedAt = init.world.monotonic();
    this.#deadline = this.#startedAt + init.timeoutMs;
    this.#arm(this.#startedAt, this.#deadline);
  }

  /**
   * Until the answer must have begun. A client that did not send all of its
   * request has used up none of it.
   */
  get remainingMs(): number {
    const { timeoutMs, world } = this.#init;
    return this.#excused ? timeoutMs : Math.max(1, Math.round(this.#deadline - world.monotonic()));
  }

  /** Bytes of the request's body that have come. */
  get receivedBytes(): number {
    return this.#received;
  }

  /** When a part of the request's body came last, by the monotonic clock. */
  get bodyAt(): number | undefined {
    return this.#bodyAt;
  }

  /** A part of the request's body came. */
  received(bytes: number): void {
    const { world, timeoutMs } = this.#init;
    const now = world.monotonic();
    this.#received += bytes;
    this.#bodyAt = now;
    this.#heardAt = now;
    this.#deadline = Math.min(now, this.#startedAt + timeForBytes(this.#received)) + timeoutMs;
  }

  /**
   * The answer has begun, or the connection has changed its protocol. `isStream`: it may say
   * little for as long as it likes.
   */
  begin(idleMs: number, isStream: boolean): void {
    const now = this.#init.world.monotonic();
    this.begunAt ??= now;
    this.#idleMs = idleMs;
    this.#heardAt = now;
    this.#dripsFrom = isStream ? Number.POSITIVE_INFINITY : now + idleMs;
    if (this.#firesAt > now + idleMs) this.#arm(now, now + idleMs);
  }

  /** A part of the answer came, or bytes of the other protocol in either direction. */
  heard(bytes: number): void {
    this.#sent += bytes;
    const now = this.#init.world.monotonic();
    this.#heardAt = now;
    if (now > this.#dripsFrom && now - this.#blockedMs > this.#dripsFrom + timeForBytes(this.#sent))
      this.#end(new TenfoldError('timeout', 'The rest of the answer comes too slowly.', { reason: 'upstream.silent' }));
  }

  /** The client takes no more for now. */
  blocked(): void {
    this.#blockedAt ??= this.#init.world.monotonic();
  }

  /** It takes more again. */
  drained(): void {
    if (this.#blockedAt === undefined) return;
    const now = this.#init.world.monotonic();
    this.#blockedMs += now - this.#blockedAt;
    this.#blockedAt = undefined;
    this.#heardAt = now;
    if (this.#idleMs !== undefined && this.#blockedMs > this.#idleMs + timeForBytes(this.#sent)) {
      this.#end(
        new TenfoldError('request-timeout', 'The client takes the answer too slowly.', { reason: 'client.slow' }),
      );
    }
  }

  cancel(): void {
    this.#timer?.cancel();
  }

  #arm(now: number, at: number): void {
    this.#timer?.cancel();
    this.#firesAt = at;
    this.#timer = this.#init.world.after(Math.max(0, at - now), () => this.#look());
  }

  #look(): void {
    const { world, timeoutMs, waitsForClient } = this.#init;
    const now = world.monotonic();
    const dueAt = this.#idleMs === undefined ? this.#deadline : this.#heardAt + this.#idleMs;
    // A timer may be a fraction of a millisecond early.
    if (dueAt - now >= 1) this.#arm(now, dueAt);
    else if (this.#idleMs !== undefined)
      this.#end(new TenfoldError('timeout', `Silent for ${this.#idleMs} ms.`, { reason: 'upstream.silent' }));
    else if (waitsForClient()) {
      this.#excused = true;
      this.#end(new TenfoldError('request-timeout', `The rest of the request has not come within ${timeoutMs} ms.`));
    } else this.#end(new TenfoldError('timeout', `No answer began within ${timeoutMs} ms.`));
  }

  #end(error: TenfoldError): void {
    this.#timer?.cancel();
    this.#init.late(error);
  }
}
