// The limits of a function under fake time, and calls that wait for them.
import { TenfoldError } from '../../../../core/errors.ts';
import { createCallLimits, type LimitSettings } from '../../../../gateway/upstream/policies/call-limits.ts';
import { withLimits } from '../../../../gateway/upstream/policies/with-limits.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { type Act, createCall, createTarget } from '../../scripted-call.ts';

export function create(more: Partial<LimitSettings>) {
  const world = createFakeWorld();
  const limits = createCallLimits(world);
  const settings: LimitSettings = { waiting: 1000, maxWait: 10_000, ...more };
  const send = (act: Act = 'hang', timeoutMs = 60_000, workMs?: number) => {
    const target = createTarget(act);
    const call = createCall(world, { timeoutMs, ...(workMs === undefined ? {} : { workMs }) });
    withLimits(target, { world, settings, limits }).send(call);
    return { call, started: () => target.calls.length > 0 };
  };
  return { world, limits, settings, send };
}

export const codeOf = (error: unknown) => (error instanceof TenfoldError ? error.code : String(error));

/** One call of a party. */
export const ask = (room: ReturnType<typeof create>, party: string) => {
  const target = createTarget('hang');
  const call = createCall(room.world, { timeoutMs: 1e9, party });
  withLimits(target, { world: room.world, settings: room.settings, limits: room.limits }).send(call);
  return { party, call, started: () => target.calls.length > 0 };
};
