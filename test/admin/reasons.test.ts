// One vocabulary: `tenfold get` gives the reasons that `kubectl` shows, for every kind, and
// in a cluster the very same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Condition } from '../../admin/condition.ts';
import type { Gathered } from '../../admin/gathered.ts';
import { conditionsOf } from '../../admin/resource-state.ts';
import { decideStatus, no } from '../../k8s/operator/status/decide.ts';
import { toStatus } from '../../k8s/operator/status/status.ts';
import { reportedStatusOf } from '../../k8s/serving/status-of.ts';
import { API_VERSION } from '../../resources/kinds/index.ts';
import { kindNames } from '../../resources/kinds/kind-names.ts';
import { reasons } from '../../resources/reasons.ts';
import type { AnyResource } from '../../resources/resource.ts';
import { withReplicas } from '../../server/admin/with-replicas.ts';
import { fakeProblem, fakeResource } from '../fakes/platform-view.ts';

const away: Gathered = {
  at: 0,
  resources: [],
  problems: [],
  functions: [],
  calls: [],
  routes: [],
  stranglers: [],
  topics: undefined,
  consumers: undefined,
  views: undefined,
  pipelines: undefined,
  fanOuts: undefined,
  damaged: [],
  disk: [],
};
const nothing: Gathered = { ...away, topics: [], consumers: [], views: [], pipelines: [], fanOuts: [] };

/**
 * What the data plane may say of one thing, in every state; looked at by the kind that it is about.
 */
function plane(kind: string, state: string, lastError?: string): Gathered {
  const named = { kind, namespace: 'default', name: 'one', state, ...(lastError === undefined ? {} : { lastError }) };
  const counts = { events: 1, partitions: 1, there: true, lag: 3, behind: 3, parkedKeys: 1, pausedByCommand: true };
  const reports = [{ ...named, ...counts, instances: 1, features: [], tables: [] }] as never;
  const all = { functions: reports, routes: reports, topics: reports, consumers: reports };
  return { ...nothing, ...all, views: reports, pipelines: reports, fanOuts: reports };
}

const STATES = (kind: string) =>
  kind === 'Function'
    ? ['available', 'asleep', 'starting', 'stopped', 'unavailable']
    : ['running', 'starting', 'stopped', ...(/Subscription|Queue/.test(kind) ? ['finished', 'resting', 'paused'] : [])];

describe('the reasons of tenfold get', () => {
  for (const kind of kindNames) {
    const resource = fakeResource(kind, 'one');

    it(`are those of the operator for a ${kind}, whatever is the case`, () => {
      const states = STATES(kind).flatMap(state => [plane(kind, state), plane(kind, state, 'No.')]);
      const seen = [away, nothing, { ...nothing, disk: ['It is full.'] }, ...states].flatMap(gathered => [
        ...conditionsOf(resource, gathered),
        ...conditionsOf(resource, { ...gathered, problems: [fakeProblem()], resources: [resource] }),
      ]);
      assert.ok(seen.length > 30);
      for (const { reason } of seen) assert.ok(Object.hasOwn(reasons, reason), reason);
    });

    it(`are the very ones of its status for a ${kind} in a cluster`, () => {
      const object = { apiVersion: API_VERSION, kind, metadata: { name: 'one', generation: 1 } };
      const workloads = [
        undefined,
        { impossible: no('Refused', 'It was refused.') },
        { observed: { state: 'behind', changing: false, message: '1 of 2.', url: 'x', replicas: 2, selector: '' } },
      ] as const;
      for (const workload of workloads) {
        const findings = decideStatus({ inForce: resource as AnyResource, problems: [], waitsFor: [], workload });
        const status = toStatus(object, findings, { replicas: 2 }, '2026-01-01T00:00:00Z');
        const told = reportedStatusOf({ ...object, status });
        const shown = conditionsOf(resource, { ...plane(kind, STATES(kind)[0] ?? ''), statusOf: () => told });
        const words = (all: readonly Pick<Condition, 'type' | 'status' | 'reason'>[]) =>
          all.map(one => `${one.type} ${one.status} ${one.reason}`);
        const expected = status.conditions.filter(
          ({ type, status: is }) =>
            ['Accepted', 'Ready'].includes(type) || (is === 'True' && /Degraded|Stalled/.test(type)),
        );
        // Healthy is the platform's own: no operator sees what events do.
        assert.deepEqual(words(shown.filter(({ type }) => type !== 'Healthy')), words(expected as never));
      }
    });
  }

  it('keep the word of the status, and say beside it what only the platform knows', () => {
    const told = reportedStatusOf({
      apiVersion: API_VERSION,
      kind: 'Subscription',
      metadata: { name: 'one' },
      status: { conditions: [{ type: 'Ready', status: 'True', reason: 'InForce', message: 'It is in force.' }] },
    });
    const gathered = { ...plane('Subscription', 'paused'), statusOf: () => told };
    const ready = conditionsOf(fakeResource('Subscription', 'one'), gathered).find(({ type }) => type === 'Ready');
    assert.deepEqual([ready?.status, ready?.reason], ['True', 'InForce']);
    assert.match(ready?.message ?? '', /^It is in force\. Paused by command; 3 events/);
  });

  it('are our own while no operator has written a status', () => {
    const creationTimestamp = '2026-11-30T00:00:00Z';
    const object = { apiVersion: API_VERSION, kind: 'Topic', metadata: { name: 'one', creationTimestamp } };
    assert.equal(reportedStatusOf(object)?.createdAt, creationTimestamp);
    const gathered = { ...plane('Topic', 'running'), consumers: [], statusOf: () => reportedStatusOf(object) };
    const shown = conditionsOf(fakeResource('Topic', 'one'), gathered);
    assert.deepEqual(
      shown.map(({ reason }) => reason),
      ['Valid', 'InForce', 'AsExpected'],
    );
  });
});

describe('one word for one state', () => {
  const reasonOf = (kind: string, state: string) =>
    conditionsOf(fakeResource(kind, 'one'), plane(kind, state)).find(({ type }) => type === 'Ready')?.reason ?? '';

  it('is that of the reason in the tables of Functions', () => {
    for (const state of STATES('Function')) assert.equal(reasonOf('Function', state).toLowerCase(), state);
  });

  it('is that of the reason and of the metric in the tables of consumers', () => {
    const words = Object.fromEntries(STATES('Subscription').map(state => [state, reasonOf('Subscription', state)]));
    assert.deepEqual(words, {
      ...{ running: 'InForce', finished: 'InForce' },
      ...{ starting: 'Starting', stopped: 'Stopped', paused: 'Paused', resting: 'TargetRests' },
    });
    const metrics = readFileSync(new URL('../../server/metrics/event-metrics.ts', import.meta.url), 'utf8');
    assert.match(metrics, /'tenfold_consumer_target_resting'/);
  });
});

describe('the instances of a Function in a cluster', () => {
  const here = {
    name: 'menu',
    namespace: 'default',
    state: 'available',
    inFlight: 0,
    waiting: 0,
    restarts: 0,
  } as const;
  const here0 = { ...here, instances: 0 } as const;
  it('are those of its status, with what is wrong', () => {
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'Available', message: '1 of 2.' },
      { type: 'Degraded', status: 'True', reason: 'InstancesMissing', message: '1 does not answer.' },
    ] as const;
    const [fn] = withReplicas([{ ...here, instances: 0 }], () => ({ conditions, replicas: 2 }));
    assert.deepEqual([fn?.instances, fn?.lastError], [2, '1 does not answer.']);
    const [whole] = withReplicas([here0], () => ({ conditions: [{ ...conditions[1], status: 'False', message: '' }] }));
    assert.deepEqual(whole, here0);
    const wakes = [{ type: 'Ready', status: 'True', reason: 'Waking', message: '' }] as const;
    const starts = { ...here0, state: 'starting' } as const;
    assert.deepEqual(
      withReplicas([starts], () => ({ conditions: wakes })),
      [{ ...starts, waking: true }],
    );
    assert.deepEqual(
      withReplicas([here0], () => ({ conditions: wakes })),
      [here0],
    );
    assert.deepEqual(withReplicas([{ ...here, instances: 1 }], undefined), [{ ...here, instances: 1 }]);
    assert.equal(withReplicas([{ ...here, instances: 0 }], () => undefined)[0]?.instances, 0);
  });
});
