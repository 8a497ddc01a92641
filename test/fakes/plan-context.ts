// An environment that plans can be compiled in without anything ever being called.
import { realWorld } from '../../core/world.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';

export function createFakeEnvironment(): PlanEnvironment {
  const unexpected = () => {
    throw new Error('the plan was only to be compiled');
  };
  return {
    world: realWorld,
    host: { apply() {}, tryAcquire: unexpected, acquire: unexpected, status: () => [], async close() {} },
    transport: { send: unexpected, async close() {}, async destroy() {} },
    secrets: () => undefined,
    log() {},
  };
}
