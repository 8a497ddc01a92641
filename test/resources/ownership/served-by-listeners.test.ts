// Listeners of teams: for random namespaces, listeners and routes, a request at a listener reaches
// a route only if the listener admits its namespace.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import type { Route } from '../../../gateway/plan/plan.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { type Declared, settle } from '../../../k8s/catalog/settle.ts';
import type { Assignment } from '../../../resources/ownership/assignments.ts';
import { type AllowedRoutes, createListeners } from '../../../resources/ownership/listeners.ts';
import { listenersServing } from '../../../resources/ownership/unserved-routes.ts';
import type { AnyResource } from '../../../resources/resource.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { assignedTo, assignments, claims, declare, onHost, requests, sketch, TEAMS } from './sketches.ts';

const hostsOfListener = fc.constantFrom<(readonly string[] | undefined)[]>(
  ...[undefined, undefined, undefined, ['a.example'], ['*.example', 'b.test'], ['b.test']],
);
const ofTeams = fc.record({ namespaces: fc.subarray(TEAMS, { minLength: 1, maxLength: 2 }), hosts: hostsOfListener });
const listenersOf = fc
  .record({
    /** Undefined: whoever no other listener names. */
    ofPublic: fc.option(fc.subarray(TEAMS), { nil: undefined, freq: 3 }),
    others: fc.array(ofTeams, { maxLength: 3 }),
  })
  .map(({ ofPublic, others }): AllowedRoutes[] => [
    { name: 'public', namespaces: ofPublic, hosts: undefined },
    ...others.map((one, index) => ({ name: `l${index}`, ...one })),
  ]);

/** Written apart from what it judges. */
function admits(all: readonly AllowedRoutes[], { namespaces }: AllowedRoutes, namespace: string): boolean {
  if (namespaces !== undefined) return namespaces.includes(namespace);
  return all.every(other => !(other.namespaces ?? []).includes(namespace));
}

function plansOf(resources: Iterable<AnyResource>, all: readonly AllowedRoutes[], assigned: readonly Assignment[]) {
  const environment = { ...createFakeEnvironment(), assignments: assigned, listeners: createListeners(all) };
  return compilePlan(createResourceSet([...resources]), environment, createPlanStateStore().begin()).plans;
}

describe('Listeners of the namespaces of a cluster', () => {
  const seen = {
    answered: 0,
    elsewhere: 0,
    'not its host': 0,
    beside: 0,
    assigned: 0,
    unserved: 0,
    'both in force': 0,
  };

  it('answer no request by a route of a namespace that they are not for, nor by one that does not own it there', () => {
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 2, maxLength: 5 }),
        assignments,
        listenersOf,
        (sketches, assigned, all) => {
          const listeners = createListeners(all);
          const { resources } = settle(sketches.flatMap(declare), new Map(), undefined, assigned, listeners);
          const plans = plansOf(resources.values(), all, assigned);
          assert.deepEqual(
            [...plans.keys()],
            all.map(({ name }) => name),
          );
          for (const listener of all) {
            const plan = plans.get(listener.name);
            assert.ok(plan);
            const admitted = (namespace: string) => admits(all, listener, namespace);
            const there = [...resources.values()].filter(({ metadata }) => admitted(metadata.namespace));
            seen.elsewhere += resources.size - there.length;
            assert.ok(plan.routes.every(({ namespace }) => admitted(namespace)));
            for (const head of requests) {
              const isServed = listener.hosts?.some(host => onHost(host, head.host)) ?? true;
              const found: readonly Route[] = [plan.find(head), ...plan.candidates(head)].flatMap(
                match => match?.route ?? [],
              );
              if (!isServed) {
                seen['not its host']++;
                assert.deepEqual([found, plan.allowedMethods(head)], [[], []]);
                continue;
              }
              for (const route of found) assert.ok(admitted(route.namespace), `${route.namespace} at ${listener.name}`);
              const route = plan.find(head)?.route;
              if (!route) continue;
              seen.answered++;
              const what = `${head.method} ${head.host}${head.path} at ${listener.name} by ${route.namespace}/${route.name}`;
              const here = there.filter(resource => claims(resource, head.host, head.path));
              const letsIn = (owner: string, other: string) =>
                here.some(
                  ({ metadata, spec }) =>
                    metadata.namespace === owner && 'allowRoutesFrom' in spec && spec.allowRoutesFrom.includes(other),
                );
              const counted = assigned.filter(({ namespace }) => admitted(namespace));
              const whose = assignedTo(counted, head.host, head.path);
              if (whose !== undefined) {
                seen.assigned++;
                assert.ok(whose === route.namespace || letsIn(whose, route.namespace), `${what}, assigned to ${whose}`);
                continue;
              }
              const others = new Set(here.map(({ metadata }) => metadata.namespace));
              others.delete(route.namespace);
              for (const other of others) {
                seen.beside++;
                assert.ok(letsIn(other, route.namespace) || letsIn(route.namespace, other), `${what}, beside ${other}`);
              }
            }
          }
          for (const resource of resources.values()) {
            const named = listenersServing(resource, listeners);
            const serving = all.filter(({ name }) =>
              plans
                .get(name)
                ?.routes.some(
                  ({ kind, namespace, name: of, host = '*' }) =>
                    kind === resource.kind &&
                    namespace === resource.metadata.namespace &&
                    of === resource.metadata.name &&
                    listeners.at(host, namespace).some(one => one.name === name),
                ),
            );
            assert.deepEqual(
              named,
              serving.map(({ name }) => name),
            );
            if (named.length === 0) seen.unserved++;
          }
        },
      ),
      { numRuns: 200, seed: 171 },
    );
  });

  it('keep namespaces apart that share none: what others declare changes nothing for a team with a listener of its own', () => {
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 2, maxLength: 5 }),
        assignments,
        fc.constantFrom(...TEAMS),
        (sketches, assigned, team) => {
          const all: AllowedRoutes[] = [
            { name: 'public', namespaces: undefined, hosts: undefined },
            { name: 'own', namespaces: [team], hosts: undefined },
          ];
          const declared = sketches.flatMap(declare);
          const isTheirs = ({ resource }: Declared) => resource?.metadata.namespace === team;
          const judge = (some: readonly Declared[], given = assigned) =>
            settle(some, new Map(), undefined, given, createListeners(all));
          const whole = judge(declared);
          for (const [part, given] of [
            [declared.filter(isTheirs), assigned.filter(({ namespace }) => namespace === team)],
            [declared.filter(one => !isTheirs(one)), assigned.filter(({ namespace }) => namespace !== team)],
          ] as const) {
            const alone = judge(part, given);
            const names = new Set(part.map(({ key }) => key));
            assert.deepEqual(
              [...whole.resources.keys()].filter(key => names.has(key)),
              [...alone.resources.keys()],
            );
            for (const key of names) assert.deepEqual(whole.problems.get(key), alone.problems.get(key));
          }
          const onOne = settle(declared, new Map(), undefined, assigned);
          seen['both in force'] += whole.resources.size - onOne.resources.size;
        },
      ),
      { numRuns: 400, seed: 172 },
    );
  });

  it('were asked in every way', () => {
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 20, `${what}: ${count}`);
  });
});
