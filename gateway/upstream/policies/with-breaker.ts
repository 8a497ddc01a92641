// A target behind a circuit breaker: calls that would most likely fail are refused at once.
import type { Duplex } from 'node:stream';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { Call, Target } from '../../exchange/target.ts';
import type { GatewayLog } from '../../gateway-log.ts';
import type { UpstreamControl } from '../../transport/transport.ts';
import type { Breaker, BreakerSettings, Passage } from './breaker.ts';
import { RelayCall } from './relay-call.ts';

export interface BreakerInit {
  readonly world: World;
  readonly settings: BreakerSettings;
  /** Kept from one plan to the next. */
  readonly breaker: Breaker;
  readonly log: GatewayLog;
  /** Owner of the breaker, for the log, e.g. `Function/default/orders`. */
  readonly name: string;
  /** Told of each call that it refuses. */
  refused?(call: Call): void;
}

export function withBreaker(target: Target, init: BreakerInit): Target {
  const { world, settings, breaker } = init;
  return {
    label: target.label,
    restsForMs: () => Math.max(breaker.opensInMs(world.monotonic()), target.restsForMs?.() ?? 0),
    send(call) {
      if (call.ended) return;
      const passage = breaker.enter(world.monotonic(), settings);
      if (passage !== 'free') call.metBreaker?.(breaker.state === 'open' ? 'open' : 'half-open');
      if (typeof passage === 'object') {
        init.refused?.(call);
        call.fail(circuitOpen(target.label, passage.retryInMs));
      } else target.send(new WatchedCall(call, init, passage));
    },
  };
}

export function circuitOpen(label: string, retryInMs: number): TenfoldError {
  return new TenfoldError('circuit-open', `Too many calls to ${label} failed; it is left alone for a moment.`, {
    publicMessage: 'Too many calls to the service behind this route failed; it is left alone for a moment.',
    retryAfterSeconds: Math.max(1, Math.ceil(retryInMs / 1000)),
  });
}

/**
 * Failures of ours that say something of the target. Others, such as a limit
 * that was reached, do not.
 */
const TELLING = new Set(['timeout', 'bad-gateway', 'function-crashed']);

class WatchedCall extends RelayCall {
  readonly #init: BreakerInit;
  readonly #passage: Passage;
  #judged = false;

  constructor(outer: Call, init: BreakerInit, passage: Passage) {
    super(outer);
    this.#init = init;
    this.#passage = passage;
  }

  override fail(error: unknown): void {
    if (error instanceof TenfoldError && TELLING.has(error.code)) this.#failed();
    this.outer.fail(error);
  }

  override onRequestUpgrade(control: UpstreamControl, status: number, headers: unknown, socket: Duplex): void {
    this.#succeeded();
    super.onRequestUpgrade(control, status, headers, socket);
  }

  override onResponseStart(control: UpstreamControl, status: number): void {
    // A stream may last for hours: its beginning is what counts.
    if (status >= 500) this.#failed();
    else if (status >= 200) this.#succeeded();
    this.outer.onResponseStart(control, status);
  }

  override onResponseError(control: UpstreamControl, error: Error): void {
    if (!this.outer.ended) {
      // An answer that broke off is a failure, although it began well.
      this.#judged = false;
      this.#failed();
    }
    this.outer.onResponseError(control, error);
  }

  protected override outerEnded(): void {
    if (!this.#judged) {
      if (this.ranOutOfTime) this.#failed();
      else {
        this.#judged = true;
        this.#init.breaker.abandoned(this.#passage);
      }
    }
    this.releaseHeld();
  }

  #succeeded(): void {
    if (this.#judged) return;
    this.#judged = true;
    const { breaker, settings, world, log, name } = this.#init;
    if (breaker.succeeded(world.monotonic(), settings, this.#passage)) {
      log('info', 'A circuit breaker has closed: the target answers again.', { breaker: name });
    }
  }

  #failed(): void {
    if (this.#judged) return;
    this.#judged = true;
    const { breaker, settings, world, log, name } = this.#init;
    const evidence = breaker.failed(world.monotonic(), settings, this.#passage);
    if (!evidence) return;
    const fields = { breaker: name, ...evidence, errorRate: evidence.failed / evidence.calls, openMs: settings.open };
    log('warn', 'A circuit breaker has opened: too many calls failed.', fields);
  }
}
