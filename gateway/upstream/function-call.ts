// One call on its way to a function. For a moment it is sent again when it could not be sent, as a
// new or ending instance may be out of reach.
import type { Duplex } from 'node:stream';
import { pauseAfter } from '../../core/retry/backoff.ts';
import { CAUSE_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import type { FunctionHost, Lease } from '../../drivers/function-host/function-host.ts';
import type { Call } from '../exchange/target.ts';
import { rawField } from '../http/raw-field.ts';
import type { CallEnd } from '../plan/instruments.ts';
import type { Transport, UpstreamControl, UpstreamHandler } from '../transport/transport.ts';
import { codeOf, isUnsendable } from '../transport/transport-error.ts';
import { type CallTimes, givenUp, outcomeOfStatus } from './call-times.ts';
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
  /** The pause that the function asks all of its callers for. */
  readonly pause: AskedPause;
  /** Body of a request that is sent again. */
  readonly budget: RetryBudget;
  readonly times: CallTimes;
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
  readonly #came: number;
  /** The status of the answer; 0 before it began. */
  #status = 0;
  /** Why it failed, as the function sealed it. */
  #sealed: string | undefined;
  #whole = false;
  #failed = false;
  #told = false;

  constructor(call: Call, to: FunctionAddress) {
    this.#call = call;
    this.#to = to;
    this.#came = to.world.monotonic();
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
          error => this.#refused(error),
        );
    } catch (error) {
      this.#refused(error);
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
    this.#status = status;
    if (status === 503 || status === 429) this.#to.pause.answered(status, control.rawHeaders, this.#call);
    if (status >= 500) this.#sealed = rawField(control.rawHeaders, CAUSE_HEADER);
    this.#call.onResponseStart(control, status);
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    this.#call.onResponseData(control, chunk);
  }

  onResponseEnd(control: UpstreamControl): void {
    this.#whole = true;
    this.#call.onResponseEnd(control);
  }

  onResponseError(control: UpstreamControl, error: Error): void {
    if (this.#sendsAgain(error)) return;
    // A call that its owner gave up did not fail.
    this.#failed = !this.#call.ended;
    this.#call.onResponseError(control, error);
  }

  #go(lease: Lease): void {
    const { transport, namespace, name, label, ownHeaders } = this.#to;
    const call = this.#call;
    call.hold(() => {
      lease.release();
      this.#over();
    });
    if (call.ended) return;
    this.#lease = lease;
    lease.holder = call;
    const invoked = { namespace, name };
    const by =
      lease.provider === 'openfaas'
        ? { headers: withoutCallId(call.headers), handler: behindOpenFaas(call, this, label), invoked }
        : { headers: call.headers, handler: this, invoked };
    dispatch(call, transport, lease, namespace, ownHeaders, by);
  }

  /** There was no instance for it. */
  #refused(error: unknown): void {
    this.#tell(this.#call.ended ? givenUp(this.#call) : 'refused');
    this.#call.fail(error);
  }

  #over(): void {
    if (this.#whole || this.#status >= 400) this.#tell(outcomeOfStatus(this.#status));
    else if (this.#failed) this.#tell('failed');
    // It waits to be sent again.
    else if (this.#call.ended) this.#tell(givenUp(this.#call));
  }

  #tell(outcome: CallEnd): void {
    if (this.#told) return;
    this.#told = true;
    const { times, world } = this.#to;
    const answer = this.#status === 0 ? undefined : { status: this.#status, sealed: this.#sealed };
    times.ended(this.#call, outcome, world.monotonic() - this.#came, answer);
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
