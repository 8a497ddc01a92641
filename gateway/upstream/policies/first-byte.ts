// A target whose answers must begin within a time.
import type { Duplex } from 'node:stream';
import { TenfoldError } from '../../../core/errors.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { Call, Target } from '../../exchange/target.ts';
import type { UpstreamControl } from '../../transport/transport.ts';
import { RelayCall } from './relay-call.ts';
import { limitTimeToAnswer } from './time-to-answer.ts';

export function withFirstByteLimit(target: Target, world: World, limitMs: number): Target {
  return {
    label: target.label,
    restsForMs: () => target.restsForMs?.() ?? 0,
    send(call) {
      if (!call.ended) target.send(new TimedCall(call, world, limitMs));
    },
  };
}

class TimedCall extends RelayCall {
  readonly #timer: Timer;

  constructor(outer: Call, world: World, limitMs: number) {
    super(outer);
    this.#timer = limitTimeToAnswer(world, outer, limitMs, () =>
      this.outer.fail(new TenfoldError('timeout', `No answer began within ${limitMs} ms.`)),
    );
  }

  override onRequestUpgrade(control: UpstreamControl, status: number, headers: unknown, socket: Duplex): void {
    this.#timer.cancel();
    super.onRequestUpgrade(control, status, headers, socket);
  }

  override onResponseStart(control: UpstreamControl, status: number): void {
    if (status >= 200) this.#timer.cancel();
    this.outer.onResponseStart(control, status);
  }

  protected override outerEnded(): void {
    this.#timer.cancel();
    this.releaseHeld();
  }
}
