// A function as a target: waits, within the call's deadline, for a place at one of its instances.

import type { Target } from '../exchange/target.ts';
import { type FunctionAddress, FunctionCall } from './function-call.ts';

export function createFunctionTarget(address: Omit<FunctionAddress, 'label'>): Target {
  const label = `function ${address.name}`;
  const to = { ...address, label };
  return {
    label,
    send(call) {
      to.budget.call(to.world.monotonic());
      new FunctionCall(call, to).send();
    },
  };
}
