// Active health of an address: asked again and again whether it is well, from the first
// call that leads there on.
import { TenfoldError } from '../../core/errors.ts';
import { jittered } from '../../core/retry/backoff.ts';
import { childContext } from '../../core/trace-context.ts';
import type { Timer, World } from '../../core/world.ts';
import type { Call, Target } from '../exchange/target.ts';
import type { GatewayLog } from '../gateway-log.ts';
import type { HealthCheckSettings } from '../plan/plan-context.ts';
import { callTarget } from '../upstream/buffered-call.ts';

export interface HealthCheckInit {
  readonly world: World;
  readonly settings: HealthCheckSettings;
  /** Whom to ask. */
  readonly target: Target;
  readonly log: GatewayLog;
}

const MAX_BODY_BYTES = 65_536;

/**
 * A class, as it has a lifecycle: it outlives the plan, and ends with the last one that names it.
 */
export class HealthCheck {
  readonly #init: HealthCheckInit;
  readonly #ending = new AbortController();
  #timer: Timer | undefined;
  #began = false;
  #isWell = true;
  #inARow = 0;
  #nextAt = 0;

  constructor(init: HealthCheckInit) {
    this.#init = init;
  }

  get isWell(): boolean {
    return this.#isWell;
  }

  /** 0 while it is well; else until the next check. */
  restsForMs(): number {
    this.#begin();
    return this.#isWell ? 0 : Math.max(1, this.#nextAt - this.#init.world.monotonic());
  }

  close(): void {
    this.#ending.abort();
    this.#timer?.cancel();
  }

  #begin(): void {
    if (this.#began) return;
    this.#began = true;
    this.#later(0);
  }

  #later(ms: number): void {
    this.#nextAt = this.#init.world.monotonic() + ms;
    this.#timer = this.#init.world.after(ms, () => void this.#check());
  }

  async #check(): Promise<void> {
    const { world, settings, target } = this.#init;
    const { path, timeout: timeoutMs, interval } = settings;
    let failure: string | undefined;
    try {
      const { signal } = this.#ending;
      const trace = childContext(undefined);
      const call = { method: 'GET', path, headers: [], body: null, trace, timeoutMs, maxBody: MAX_BODY_BYTES, signal };
      const { status } = await callTarget(world, target, call);
      if (status < 200 || status >= 400) failure = `It answered ${status}.`;
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    if (this.#ending.signal.aborted) return;
    this.#count(failure);
    // Not all gateways at the same time.
    this.#later(jittered(interval, world.random()));
  }

  #count(failure: string | undefined): void {
    const { settings, target, log } = this.#init;
    if ((failure === undefined) === this.#isWell) {
      this.#inARow = 0;
      return;
    }
    this.#inARow++;
    if (this.#inARow < (this.#isWell ? settings.unhealthy : settings.healthy)) return;
    this.#inARow = 0;
    this.#isWell = !this.#isWell;
    if (this.#isWell) log('info', 'A target is well again by its health checks.', { target: target.label });
    else
      log('warn', 'A target is not well by its health checks: nothing is sent there.', {
        target: target.label,
        failure,
      });
  }
}

/**
 * A target that is called only while its checks say that it is well. `refused` is told of each call
 * that is not made.
 */
export function withHealthCheck(target: Target, check: HealthCheck, refused?: (call: Call) => void): Target {
  return {
    label: target.label,
    restsForMs: () => Math.max(check.restsForMs(), target.restsForMs?.() ?? 0),
    send(call) {
      const waitMs = check.restsForMs();
      if (waitMs === 0) target.send(call);
      else {
        refused?.(call);
        call.fail(
          new TenfoldError('circuit-open', `By its health checks ${target.label} is not well.`, {
            retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
            reason: 'health.failing',
          }),
        );
      }
    },
  };
}
