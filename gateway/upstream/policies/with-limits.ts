// A target whose calls share one budget, for all callers: each waits for its turn, or is refused.
import { TenfoldError } from '../../../core/errors.ts';
import { LONGEST_ASKED_MS, parseRetryAfter } from '../../../core/retry/retry-after.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { Call, Target } from '../../exchange/target.ts';
import { rawField } from '../../http/raw-field.ts';
import type { UpstreamControl } from '../../transport/transport.ts';
import type { CallLimits, LimitSettings } from './call-limits.ts';
import { RelayCall } from './relay-call.ts';

export interface LimitsInit {
  readonly world: World;
  readonly settings: LimitSettings;
  /** Kept from one plan to the next. */
  readonly limits: CallLimits;
}

export function withLimits(target: Target, init: LimitsInit): Target {
  return {
    label: target.label,
    restsForMs: () => target.restsForMs?.() ?? 0,
    send(call) {
      if (!call.ended) new LimitedCall(call, init, target).enter();
    },
  };
}

class LimitedCall extends RelayCall {
  readonly #init: LimitsInit;
  readonly #target: Target;
  #leave: (() => void) | undefined;
  #holds = false;
  /** Its work has to be done by then, by the monotonic clock. */
  #workUntil = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  /** It was answered, or broke off there, before its caller gave it up. */
  #isOver = false;

  constructor(outer: Call, init: LimitsInit, target: Target) {
    super(outer);
    this.#init = init;
    this.#target = target;
  }

  enter(): void {
    const { limits, settings } = this.#init;
    if (limits.tryTake(settings)) {
      this.#go();
      return;
    }
    const { priority, party } = this.outer;
    this.#leave = limits.wait(settings, {
      priority,
      party,
      go: () => this.#go(),
      tooLate: () => this.#refuse('waits too long'),
      crowdedOut: () => this.#refuse('is too much: too many calls of its caller wait already'),
    });
    if (this.#leave === undefined && !this.#holds && !this.ended)
      this.#refuse('is too much: too many calls wait already');
  }

  #go(): void {
    this.#holds = true;
    this.#leave = undefined;
    const { workMs, outer } = this;
    if (workMs !== undefined) {
      const { world } = this.#init;
      this.#workUntil = world.monotonic() + workMs;
      const late = () => outer.fail(new TenfoldError('timeout', `No complete answer within ${Math.round(workMs)} ms.`));
      if (workMs < outer.remainingMs) this.#timer = world.after(workMs, late);
    }
    this.#target.send(this);
  }

  override get remainingMs(): number {
    return Math.min(this.outer.remainingMs, Math.max(1, Math.round(this.#workUntil - this.#init.world.monotonic())));
  }

  #refuse(why: string): void {
    const { limits, settings } = this.#init;
    const waitMs = limits.waitMs(settings);
    this.outer.fail(
      new TenfoldError('overloaded', `The limits of ${this.#target.label} are reached, and this call ${why}.`, {
        publicMessage: `The limits of the service behind this route are reached, and this call ${why}.`,
        retryAfterSeconds: Number.isFinite(waitMs) ? Math.max(1, Math.ceil(waitMs / 1000)) : 1,
      }),
    );
  }

  override onResponseStart(control: UpstreamControl, status: number): void {
    if (status === 429 || status === 503) {
      const { world, limits } = this.#init;
      const ms = parseRetryAfter(rawField(control.rawHeaders, 'retry-after'), world.now());
      if (ms !== undefined) limits.pause(Math.min(ms, LONGEST_ASKED_MS));
    }
    this.outer.onResponseStart(control, status);
  }

  override onResponseEnd(control: UpstreamControl): void {
    this.#isOver ||= !this.ended;
    this.outer.onResponseEnd(control);
  }

  override onResponseError(control: UpstreamControl, error: Error): void {
    this.#isOver ||= !this.ended;
    this.outer.onResponseError(control, error);
  }

  override fail(error: unknown): void {
    this.#isOver ||= !this.ended;
    this.outer.fail(error);
  }

  protected override outerEnded(): void {
    const isLeft = !this.#isOver && this.workMs !== undefined;
    this.#timer?.cancel();
    this.releaseHeld();
    this.#leave?.();
    if (this.#holds) {
      this.#holds = false;
      // It may have begun shortly before the time of the call was over.
      this.#init.limits.give(isLeft ? this.#workUntil - this.#init.world.monotonic() : 0);
    }
  }
}
