// A host and a transport that plans can be compiled against without ever being called.
import type { PlanContext } from '../../gateway/plan/compile.ts';

export function createFakeContext(): PlanContext {
  const unexpected = () => {
    throw new Error('the plan was only to be compiled');
  };
  return {
    host: { apply() {}, tryAcquire: unexpected, acquire: unexpected, status: () => [], async close() {} },
    transport: { send: unexpected, async close() {}, async destroy() {} },
  };
}
