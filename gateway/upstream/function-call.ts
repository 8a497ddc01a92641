// One call on its way to a function. For a moment it is sent again when it could not be sent, as a
// new or ending instance may be out of reach.
import type { Duplex } from 'node:stream';
import { pauseAfter } from '../../core/retry/backoff.ts';
import type { World } from '../../core/world.ts';
import type { FunctionHost, Lease } from '../../drivers/function-host/function-host.ts';
import type { Call } from '../exchange/target.ts';
import type { Transport, UpstreamControl, UpstreamHandler } from '../transport/transport.ts';
import { codeOf, isUnsendable } from '../transport/transport-error.ts';
import { dispatch } from './dispatch.ts';
import { behindOpenFaas, withoutCallId } from './openfaas.ts';
import type { AskedPause } from './policies/asked-pause.ts';
import type { RetryBudget } from './policies/retry-budget.ts';
import { isReplayable } from './policies/retry-decision.ts';

export interface FunctionAddress {
  readonly world: World;
  readonly host: FunctionHost;
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
  readonly label: string;
  /** Name and value in turn; they take the place of fields of the same name. */
  readonly ownHeaders: readonly string[];
  /** What the function asks all of its callers for. */
  readonly pause: AskedPause;
  /** Body of a request that is sent again. */
  readonly budget: RetryBudget;
}

/** Before it is sent again: up to 1.6 s in all, in which a router learns of a new instance. */
const PAUSES = { base: 25, max: 800 };
const MOST_FAILURES = 6;
/**
 * Calls may be sent again as often as there are calls: a connection that is refused costs a
 * target that is down nothing.
 */
const BUDGET_SHARE = 1;

/** A class, as it is one object per call. It receives the answer in place of the call. */
export class FunctionCall implements UpstreamHandler {
  readonly #call: Call;
  readonly #to: FunctionAddress;
  #lease: Lease | undefined;
  #sent = false;
  #failures = 0;

  constructor(call: Call, to: FunctionAddress) {
    this.#call = call;
    this.#to = to;
  }

  send(): void {
    const { host, namespace, name } = this.#to;
    const call = this.#call;
    try {
      const lease = host.tryAcquire(namespace, name);
      if (lease) this.#go(lease);
      else
        host.acquire(namespace, name, call.signal).then(
          later => this.#go(later),
          error => call.fail(error),
        );
    } catch (error) {
      call.fail(error);
    }
  }

  onRequestStart(control: UpstreamControl): void {
    this.#sent = true;
    this.#call.onRequestStart(control);
  }

  onRequestUpgrade(control: UpstreamControl, status: number, headers: unknown, socket: Duplex): void {
    this.#call.onRequestUpgrade?.(control, status, headers, socket);
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    if (status === 503 || status === 429) this.#to.pause.answered(status, control.rawHeaders, this.#call);
    this.#call.onResponseStart(control, status);
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    this.#call.onResponseData(control, chunk);
  }

  onResponseEnd(control: UpstreamControl): void {
    this.#call.onResponseEnd(control);
  }

  onResponseError(control: UpstreamControl, error: Error): void {
    if (!this.#sendsAgain(error)) this.#call.onResponseError(control, error);
  }

  #go(lease: Lease): void {
    const { transport, namespace, label, ownHeaders } = this.#to;
    const call = this.#call;
    call.hold(lease.release);
    if (call.ended) return;
    this.#lease = lease;
    lease.holder = call;
    const by =
      lease.provider === 'openfaas'
        ? { headers: withoutCallId(call.headers), handler: behindOpenFaas(call, this, label) }
        : { headers: call.headers, handler: this };
    dispatch(call, transport, lease, namespace, ownHeaders, by);
  }

  /** A request that was not sent can be sent again, whatever it does. */
  #sendsAgain(error: Error): boolean {
    const { world, budget } = this.#to;
    const call = this.#call;
    const code = codeOf(error);
    if (this.#sent || call.ended || code === undefined || isUnsendable(code)) return false;
    if (this.#failures === MOST_FAILURES || !isReplayable(call.body)) return false;
    const pause = pauseAfter(this.#failures + 1, PAUSES, world.random());
    if (pause >= call.remainingMs) return false;
    if (!budget.takeRetry(world.monotonic(), BUDGET_SHARE)) return false;
    this.#failures++;
    // It waits without a place: places are for calls that have been sent.
    this.#lease?.release();
    world.after(pause, () => {
      if (!call.ended) this.send();
    });
    return true;
  }
}
