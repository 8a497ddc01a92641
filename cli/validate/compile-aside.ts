// Compiles valid resources as the platform would, without anything that could be called: it finds
// the refusals before the platform has to serve the resources.
import { realWorld } from '../../core/world.ts';
import { compilePlan } from '../../gateway/compile/compile.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { toResourceProblems } from '../../server/resource-problems.ts';
import { type Abilities, compileEvents } from '../../worker/plan/compile.ts';

export type Compiling = Pick<PlanEnvironment, 'readText' | 'listeners'> & Pick<Abilities, 'topicPrefix'>;

/**
 * The problems that hold wherever the resources are served. `dev` reports what only a laptop cannot
 * do, such as topics of others.
 */
export function compileAside(resources: ResourceSet, from: Compiling = {}): ResourceProblem[] {
  const { topicPrefix, ...files } = from;
  const state = createPlanStateStore();
  try {
    const gateway = compilePlan(resources, { ...environment, ...files }, state.begin());
    const events = compileEvents(resources, { storage: true, kafka: true, topicPrefix });
    return toResourceProblems([...gateway.problems, ...events.findings]);
  } finally {
    state.close();
  }
}

/** Which Secrets there are is known where they are used, and not here: none is missed. */
const anySecret = new Proxy<Readonly<Record<string, string>>>({}, { get: () => '' });

const environment: PlanEnvironment = {
  world: realWorld,
  host: { apply() {}, tryAcquire: never, acquire: never, status: () => [], async close() {} },
  transport: { send: never, async close() {}, async destroy() {} },
  secrets: () => anySecret,
  log() {},
};

function never(): never {
  throw new Error('Nothing is called while resources are validated.');
}
