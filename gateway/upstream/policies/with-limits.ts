// A target whose calls share one budget, for all callers: each waits for its turn, or is refused.
import { TenfoldError } from '../../../core/errors.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { Call, Target } from '../../exchange/target.ts';
import type { UpstreamControl } from '../../transport/transport.ts';
import type { CallLimits, LimitSettings } from './call-limits.ts';
import { RelayCall } from './relay-call.ts';

export interface LimitsInit {
  readonly world: World;
  readonly settings: LimitSettings;
  /** Kept from one plan to the next. */
  readonly limits: CallLimits;
  /** Told of each call that is refused. */
  refused?(call: Call): void;
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
    const { priority, party, remainingMs } = this.outer;
    this.#leave = limits.wait(settings, {
      priority,
      party,
      remainingMs,
      go: () => this.#go(),
      tooLate: () => this.#refuse('waits too long'),
      crowdedOut: () => this.#refuse('is too much: too many calls of its caller wait already'),
    });
    if (this.#leave === undefined && !this.#holds && !this.ended)
      this.#refuse(limits.pause.leftMs > 0 ? 'cannot wait for its end' : 'is too much: too many calls wait already');
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
    const { limits, settings, refused } = this.#init;
    refused?.(this.outer);
    const waitMs = limits.waitMs(settings);
    const reason = (service: string) =>
      limits.pause.leftMs > 0
        ? `All calls of ${service} pause, as its Retry-After asked for that, and this call ${why}.`
        : `The limits of ${service} are reached, and this call ${why}.`;
    this.outer.fail(
      new TenfoldError('overloaded', reason(this.#target.label), {
        publicMessage: reason('the service behind this route'),
        reason: limits.pause.leftMs > 0 ? 'limit.paused' : 'limit.calls',
        retryAfterSeconds: Number.isFinite(waitMs) ? Math.max(1, Math.ceil(waitMs / 1000)) : 1,
      }),
    );
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
