// Whose traffic is whose in a cluster: for random resources of several teams, no request is ever
// answered by a namespace that does not own it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import type { Plan } from '../../../gateway/plan/plan.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { settle } from '../../../k8s/catalog/settle.ts';
import type { Assignment } from '../../../resources/ownership/assignments.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import type { AnyResource } from '../../../resources/resource.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { assignedTo, assignments, claims, declare, requests, sketch } from './sketches.ts';

function planOf(resources: ReadonlyMap<string, AnyResource>, assigned: readonly Assignment[]): Plan {
  const environment = { ...createFakeEnvironment(), assignments: assigned };
  const set = createResourceSet([...resources.values()]);
  return compilePlan(set, environment, createPlanStateStore().begin()).plan;
}

describe('The public port of a cluster that teams share', () => {
  const seen = { answered: 0, refused: 0, contested: 0, granted: 0, assigned: 0 };

  it('answers no request by a namespace that does not own it, in whatever order resources come', () => {
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 2, maxLength: 5 }),
        assignments,
        fc.nat(),
        (sketches, assigned, turn) => {
          const declared = sketches.flatMap(declare);
          const { resources, problems } = settle(declared, new Map(), undefined, assigned);
          const turned = [...declared.slice(turn % declared.length), ...declared.slice(0, turn % declared.length)];
          const again = settle(turned.toReversed(), new Map(), undefined, assigned);
          assert.deepEqual([...again.resources.keys()].toSorted(), [...resources.keys()].toSorted());

          const plan = planOf(resources, assigned);
          for (const head of requests) {
            const route = plan.find(head)?.route;
            if (!route) continue;
            const here = [...resources.values()].filter(resource => claims(resource, head.host, head.path));
            const whose = assignedTo(assigned, head.host, head.path);
            const grants = (owner: string) =>
              here.some(
                ({ metadata, spec }) =>
                  metadata.namespace === owner &&
                  'allowRoutesFrom' in spec &&
                  spec.allowRoutesFrom.includes(route.namespace),
              );
            const what = `${head.method} ${head.host}${head.path} by ${route.kind} ${route.namespace}/${route.name}`;
            seen.answered++;
            if (whose !== undefined) {
              seen.assigned++;
              assert.ok(whose === route.namespace || grants(whose), `${what}, assigned to ${whose}`);
              continue;
            }
            // Without an assignment all that is declared there is of one namespace, or
            // of those that one let in.
            const others = new Set(here.map(({ metadata }) => metadata.namespace));
            others.delete(route.namespace);
            for (const other of others) {
              seen.granted++;
              const isLetIn = here.some(
                ({ metadata, spec }) =>
                  'allowRoutesFrom' in spec &&
                  ((metadata.namespace === other && spec.allowRoutesFrom.includes(route.namespace)) ||
                    (metadata.namespace === route.namespace && spec.allowRoutesFrom.includes(other))),
              );
              assert.ok(isLetIn, `${what}, beside ${other}`);
            }
          }
          const reasons = [...problems.values()].flat().map(({ reason }) => reason);
          seen.refused += reasons.filter(reason => reason === 'RouteNotAllowed').length;
          seen.contested += reasons.filter(reason => reason === 'RouteContested').length;
        },
      ),
      { numRuns: 600, seed: 17 },
    );
  });

  it('was put to every kind of decision', () => {
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 50, `${what}: ${count}`);
  });

  it('says nothing more of what is settled, and in files nothing that is not so in a cluster', () => {
    fc.assert(
      fc.property(fc.array(sketch, { minLength: 2, maxLength: 4 }), sketches => {
        const { resources } = settle(sketches.flatMap(declare), new Map());
        const set = createResourceSet([...resources.values()]);
        const clashes = checkReferences(set).filter(({ message }) => message.includes('reach for the same requests'));
        assert.deepEqual(clashes, []);
      }),
      { numRuns: 300, seed: 18 },
    );
  });

  it('gives what a resource claimed to others once it is gone', () => {
    fc.assert(
      fc.property(fc.array(sketch, { minLength: 2, maxLength: 4 }), assignments, (sketches, assigned) => {
        const declared = sketches.flatMap(declare);
        const { resources, problems } = settle(declared, new Map(), undefined, assigned);
        const [first] = declared.filter(({ key }) => resources.has(key));
        fc.pre(first !== undefined);
        const rest = declared.filter(one => one !== first);
        // As if it had never been there, although all was judged with it before.
        const after = settle(rest, resources, undefined, assigned);
        const never = settle(rest, new Map(), undefined, assigned);
        assert.deepEqual([...after.resources.keys()].toSorted(), [...never.resources.keys()].toSorted());
        assert.ok(problems);
      }),
      { numRuns: 300, seed: 19 },
    );
  });
});
