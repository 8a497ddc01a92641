// The answer that the sender of a delivery gets: one that was taken before is taken, and Slack
// wants a plain 200.
import { TenfoldError } from '../../core/errors.ts';
import type { WebhookKind } from '../../resources/kinds/routes/webhook.ts';
import type { Call, Target } from '../exchange/target.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { RelayCall } from '../upstream/policies/relay-call.ts';

export function answerSender(target: Target, kind: WebhookKind): Target {
  const taken = kind === 'slack' ? 200 : undefined;
  return {
    label: target.label,
    restsForMs: () => target.restsForMs?.() ?? 0,
    send: call => target.send(new DeliveryCall(call, taken)),
  };
}

class DeliveryCall extends RelayCall {
  readonly #taken: number | undefined;

  /** `taken`: status in place of any other that says so. */
  constructor(outer: Call, taken: number | undefined) {
    super(outer);
    this.#taken = taken;
  }

  override fail(error: unknown): void {
    // Some senders write a delivery anew each time that they send it, with other counts in it. Its
    // id is the sender's promise that it says the same.
    const isRepeat = error instanceof TenfoldError && error.code === 'key-reused';
    if (isRepeat) answerCall(this.outer, this.#taken ?? 204, [], EMPTY);
    else this.outer.fail(error);
  }

  override onResponseStart(control: UpstreamControl, status: number): void {
    if (this.#taken === undefined || status < 200 || status > 299) this.outer.onResponseStart(control, status);
    else answerCall(this.outer, this.#taken, [], EMPTY);
  }
}

const EMPTY = Buffer.alloc(0);
