// CPU time of the stages of a change alone: reading the YAML, checking it, compiling the plan.
import { realWorld } from '../../../core/world.ts';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { parseDocuments } from '../../../resources/load/parse-documents.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { median } from '../../measure/report.ts';

/** Milliseconds of CPU, medians of `rounds` texts that `yamlOf` makes. */
export function measureStages(yamlOf: (round: number) => string, rounds: number) {
  const spent = new Map<string, number[]>();
  const timed = <Made>(stage: string, make: () => Made): Made => {
    const before = process.cpuUsage();
    const made = make();
    const { user, system } = process.cpuUsage(before);
    spent.set(stage, [...(spent.get(stage) ?? []), (user + system) / 1000]);
    return made;
  };
  const unused = () => {
    throw new Error('nothing is called here');
  };
  const states = createPlanStateStore();
  for (let round = 0; round < rounds; round++) {
    const text = yamlOf(round);
    timed('yaml', () => parseDocuments('app.yaml', text));
    const { resources } = timed('load', () => loadText('app.yaml', text));
    const set = createResourceSet(resources);
    timed('references', () => checkReferences(set));
    const state = states.begin();
    const environment = {
      world: realWorld,
      host: { apply() {}, tryAcquire: unused, acquire: unused, status: () => [], async close() {} },
      transport: { send: unused, async close() {}, async destroy() {} },
      secrets: () => undefined,
      log() {},
    };
    timed('compile', () => compilePlan(set, environment, state));
    state.commit();
  }
  states.close();
  const of = (stage: string) => median(spent.get(stage) ?? []);
  return {
    yamlMs: of('yaml'),
    schemaMs: of('load') - of('yaml'),
    referencesMs: of('references'),
    compileMs: of('compile'),
  };
}
