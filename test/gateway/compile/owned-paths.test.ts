// Whose a request is: for random Apis, Stranglers and requests the router, its explanation and a
// plain model say the same.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import type { Match, Plan, Route } from '../../../gateway/plan/plan.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { explainRoute } from '../../../gateway/routing/explain.ts';
import { findRoute, type NoRoute } from '../../../gateway/routing/find-route.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { collisionsOf } from '../../../resources/references/routes/colliding-routes.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { headOf } from '../routing/head-of.ts';
import { decidePlainly, type Outcome } from '../routing/plain-router.ts';
import { headersOf, requestSketches, resourceSketches, type Sketch, toYaml } from '../routing/sketches.ts';

/** Undefined when two of the resources collide. */
function compile(sketches: readonly Sketch[]): Plan | undefined {
  const { resources, problems } = loadText('app.yaml', toYaml(sketches));
  assert.deepEqual(problems, []);
  const set = createResourceSet(resources);
  if (collisionsOf(set.all).length > 0) return undefined;
  return compilePlan(set, createFakeEnvironment(), createPlanStateStore().begin()).plan;
}

const takerOf = ({ kind, name, label, target }: Route) => `${kind} ${name} ${label ?? target}`;

function toOutcome(found: Match | NoRoute): Outcome {
  if (!('route' in found)) {
    const { error, allowed } = found;
    return { status: error.status, ...(allowed.length > 0 ? { allow: allowed } : {}) };
  }
  const { route } = found;
  return { taker: route.target === 'preflight' ? `preflight of ${takerOf(route)}` : takerOf(route) };
}

describe('whose a request is', () => {
  const decided: string[] = [];

  it('is what a plain model says, and what is explained', () => {
    const requests = fc.array(requestSketches, { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(resourceSketches, requests, (sketches, asked) => {
        const plan = compile(sketches);
        fc.pre(plan !== undefined);
        for (const request of asked) {
          const method = request.preflight === null ? request.method : 'OPTIONS';
          const head = headOf(method, request.path, request.host, headersOf(request));
          const found = findRoute(plan, head);
          const outcome = toOutcome(found);
          assert.deepEqual(
            outcome,
            decidePlainly(sketches, head),
            `${method} ${request.host}${request.path} ${head.fields}`,
          );
          decided.push(outcome.taker?.split(' ')[0] ?? String(outcome.status));

          const { candidates, refusal } = explainRoute(plan, head, undefined);
          const taken = candidates.filter(({ verdict }) => verdict === 'takes');
          assert.deepEqual(
            taken.map(({ route }) => takerOf(route)),
            outcome.taker === undefined ? [] : [outcome.taker.replace('preflight of ', '')],
          );
          assert.equal(refusal?.error.status, outcome.status);
          if ('route' in found) assert.deepEqual(taken[0]?.params, found.params);
        }
      }),
      { numRuns: 800, seed: 14 },
    );
  });

  it('was every kind of answer', () => {
    for (const kind of ['Api', 'Strangler', 'preflight', '404', '405', '406'])
      assert.ok(decided.filter(each => each === kind).length > 20, `${kind} came too seldom`);
  });
});
