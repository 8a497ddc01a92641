// What the operator says of an object, from what it gathered.
import assert from 'node:assert/strict';
import { toResource } from '../../../../k8s/catalog/to-resource.ts';
import { decideStatus, type Gathered, no } from '../../../../k8s/operator/status/decide.ts';
import { notesOn } from '../../../../k8s/operator/status/events.ts';
import { type Status, toStatus } from '../../../../k8s/operator/status/status.ts';
import type { Observation } from '../../../../k8s/providers/provider.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import type { Kind } from '../../../../resources/kinds/kind-names.ts';

function resource(kind: Kind, spec: object) {
  const parsed = toResource(kind, { apiVersion: API_VERSION, kind, metadata: { name: 'one' }, spec });
  if ('problems' in parsed) throw new Error(parsed.problems.map(one => one.message).join());
  return parsed.resource;
}

const image = resource('Function', { image: 'acme/one:1' });
const topic = resource('Topic', {});
const nothing: Gathered = { inForce: image, problems: [], waitsFor: [], workload: undefined };
const observed = (state: Observation['state'], changing = false): Gathered => ({
  ...nothing,
  workload: { observed: { state, changing, message: '1 of 2.', url: 'http://x', replicas: 2, selector: 'a=b' } },
});
const withMore = (gathered: Gathered, more: Partial<Observation>): Gathered => {
  const { workload } = gathered;
  if (!workload || !('observed' in workload)) throw new Error('It is not observed.');
  return { ...gathered, workload: { observed: { ...workload.observed, ...more } } };
};
const lost = (state: Observation['state']) => withMore(observed(state, true), { lost: true });
const cannotScale = withMore(observed('ready'), { cannotScale: 'Its autoscaler has no metrics.' });
const share = (tag: 'stable' | 'canary', percent: number) => ({
  tag,
  revision: `one-${tag}`,
  percent,
  url: `http://${tag}`,
});
const divided = (gathered: Gathered) => withMore(gathered, { traffic: [share('stable', 90), share('canary', 10)] });
const problem = {
  severity: 'error' as const,
  file: 'default/Function/one',
  line: 1,
  column: 1,
  path: 'spec.image',
  message: 'No.',
};

const rows: readonly [name: string, gathered: Gathered, expected: Readonly<Record<string, string>>][] = [
  [
    'a Function that answers',
    observed('ready'),
    { Accepted: 'True Valid', Ready: 'True Available', Progressing: 'False Settled', Degraded: 'False Complete' },
  ],
  [
    'one of which a canary gets a part of the calls',
    divided(observed('ready')),
    { Ready: 'True Available', Progressing: 'True Canary', Degraded: 'False Complete' },
  ],
  [
    'one with a canary whose newest version comes up',
    divided(observed('partly', true)),
    { Ready: 'True Available', Progressing: 'True RollingOut' },
  ],
  [
    'one with a canary whose newest version does not come up',
    divided(observed('behind')),
    { Ready: 'True Available', Progressing: 'True Canary', Stalled: 'True Unavailable' },
  ],
  ['one that is rolled out', observed('partly', true), { Ready: 'True Available', Progressing: 'True RollingOut' }],
  ['one whose autoscaler cannot work', cannotScale, { Ready: 'True Available', Degraded: 'True CannotScale' }],
  [
    'one whose autoscaler cannot work, and that lost an instance',
    withMore(cannotScale, { lost: true }),
    { Ready: 'True Available', Degraded: 'True InstancesMissing' },
  ],
  [
    'one with an instance that answered and does not any more',
    lost('partly'),
    { Ready: 'True Available', Progressing: 'True RollingOut', Degraded: 'True InstancesMissing' },
  ],
  [
    'one whose only instance hangs',
    lost('starting'),
    {
      Ready: 'False Starting',
      Degraded: 'True InstancesMissing',
      Progressing: 'True RollingOut',
      Reconciling: 'True RollingOut',
    },
  ],
  [
    'one of which a change was refused, whatever runs on',
    { ...nothing, workload: { impossible: no('Refused', 'No.') } },
    { Ready: 'False Refused', Degraded: 'True Refused', Stalled: 'True Refused' },
  ],
  [
    'one that comes up',
    observed('starting', true),
    { Ready: 'False Starting', Progressing: 'True RollingOut', Reconciling: 'True RollingOut' },
  ],
  [
    'one that does not come up',
    observed('stuck'),
    { Ready: 'False Unavailable', Degraded: 'True InstancesMissing', Stalled: 'True Unavailable' },
  ],
  [
    'one whose newest version does not come up',
    observed('behind'),
    {
      Ready: 'True Available',
      Progressing: 'False Settled',
      Degraded: 'True InstancesMissing',
      Stalled: 'True Unavailable',
    },
  ],
  ['one that was stopped', observed('stopped'), { Ready: 'False Stopped' }],
  [
    'one that cannot be run',
    { ...nothing, workload: { impossible: no('NeedsImage', 'x') } },
    { Accepted: 'True Valid', Ready: 'False NeedsImage', Stalled: 'True NeedsImage' },
  ],
  [
    'one that runs elsewhere',
    { ...nothing, inForce: resource('Function', { url: 'http://x' }) },
    { Ready: 'True External' },
  ],
  [
    'what a gateway has not taken up yet',
    { ...nothing, inForce: resource('Topic', {}), late: { names: ['gateway-b'], of: 2 } },
    { Accepted: 'True Valid', Ready: 'False NotTakenUp', Reconciling: 'True NotTakenUp', Degraded: 'False Complete' },
  ],
  [
    'a Function that answers, and that a gateway still calls as it was before',
    { ...observed('ready'), late: { names: ['gateway-b'], of: 2 } },
    { Accepted: 'True Valid', Ready: 'False NotTakenUp', Reconciling: 'True NotTakenUp', Degraded: 'False Complete' },
  ],
  [
    'one that does not answer yet, wherever it is known',
    { ...observed('starting', true), late: { names: ['gateway-b'], of: 2 } },
    { Ready: 'False Starting', Reconciling: 'True RollingOut' },
  ],
  [
    'one that sleeps, for which calls wait in any case',
    { ...observed('stopped'), rest: 'asleep', late: { names: ['gateway-b'], of: 2 } },
    { Ready: 'True Asleep' },
  ],
  [
    'one that runs elsewhere, and that a gateway still calls where it was before',
    { ...nothing, inForce: resource('Function', { url: 'http://x' }), late: { names: ['gateway-b'], of: 2 } },
    { Accepted: 'True Valid', Ready: 'False NotTakenUp', Reconciling: 'True NotTakenUp' },
  ],
  [
    'what is kept on a disk that fails',
    { ...nothing, inForce: resource('Topic', {}), disk: ['There is no space left.'] },
    { Accepted: 'True Valid', Ready: 'False DiskFailing', Degraded: 'True DiskFailing' },
  ],
  [
    'a Function while the disk fails',
    { ...observed('ready'), disk: ['There is no space left.'] },
    { Ready: 'True Available' },
  ],
  [
    'what is not valid',
    { ...nothing, inForce: undefined, problems: [problem] },
    { Accepted: 'False Invalid', Ready: 'False NotAccepted', Stalled: 'True Invalid' },
  ],
  [
    'what has only warnings',
    { ...nothing, inForce: resource('Topic', {}), problems: [{ ...problem, severity: 'warning' }] },
    { Accepted: 'True Valid', Ready: 'True InForce' },
  ],
  [
    'what leads to a Function that is not ready',
    { ...nothing, inForce: resource('Topic', {}), waitsFor: ['menu'] },
    { Accepted: 'True Valid', Ready: 'False FunctionNotReady' },
  ],
];

const object = { apiVersion: API_VERSION, kind: 'Function', metadata: { name: 'one', generation: 3 } };
const NOW = '2026-01-01T00:00:00Z';
const conditionsOf = (status: Status) =>
  Object.fromEntries(status.conditions.map(one => [one.type, `${one.status} ${one.reason}`]));

describe('The operator says', () => {
  for (const [name, gathered, expected] of rows) {
    it(`of ${name}: ${JSON.stringify(expected)}`, () => {
      const found = conditionsOf(toStatus(object, decideStatus(gathered), {}, NOW));
      for (const [type, wanted] of Object.entries(expected)) assert.equal(found[type], wanted);
      // Those of kstatus are there only where they hold.
      for (const type of ['Reconciling', 'Stalled']) if (!(type in expected)) assert.equal(found[type], undefined);
    });
  }

  it('why a gateway does not serve it, in its words', () => {
    const late = { names: ['gateway-b'], of: 1, why: 'There is no Kafka.' };
    const { ready } = decideStatus({ ...nothing, inForce: resource('Topic', {}), late });
    assert.equal(
      ready.message,
      '0 of 1 gateways and workers have taken it up; not yet: gateway-b. Why: There is no Kafka.',
    );
  });

  it('what is wrong, where, and that the version before stays', () => {
    const { accepted } = decideStatus({ ...nothing, problems: [problem] });
    assert.equal(accepted.message, 'spec.image: No. The version before stays in force.');
  });

  it('how many of the calls a canary gets, and which version has the others', () => {
    const { progressing } = decideStatus(divided(observed('ready')));
    assert.equal(progressing.message, '10% of the calls go to one-canary, 90% to one-stable.');
  });

  it('the first five of many mistakes, and how many more there are', () => {
    const { accepted } = decideStatus({
      ...nothing,
      inForce: undefined,
      problems: Array.from({ length: 7 }, () => problem),
    });
    assert.match(accepted.message, /And 2 more\.$/);
  });

  it('since when, and keeps that while nothing changes', () => {
    const first = toStatus(object, decideStatus(observed('ready')), {}, NOW);
    const again = toStatus({ ...object, status: first }, decideStatus(observed('ready')), {}, '2026-02-02T00:00:00Z');
    assert.deepEqual(again, first);
    const stuck = toStatus({ ...object, status: first }, decideStatus(observed('stuck')), {}, '2026-02-02T00:00:00Z');
    const times = Object.fromEntries(stuck.conditions.map(one => [one.type, one.lastTransitionTime]));
    assert.deepEqual([times['Accepted'], times['Ready']], [NOW, '2026-02-02T00:00:00Z']);
  });

  it('what it means to be in force, for who reads no more than that', () => {
    const { ready } = decideStatus({ ...nothing, inForce: topic });
    assert.equal(ready.message, 'It is valid, and all Functions that it leads to are ready.');
  });

  it('of which generation', () => {
    const status = toStatus(object, decideStatus(observed('ready')), {}, NOW);
    assert.equal(status.observedGeneration, 3);
    assert.ok(status.conditions.every(one => one.observedGeneration === 3));
  });

  const told = (before: Gathered | undefined, after: Gathered) => {
    const status = before && toStatus(object, decideStatus(before), {}, NOW);
    const from = { ...object, ...(status ? { status } : {}) };
    return notesOn(from, toStatus(from, decideStatus(after), {}, NOW)).map(({ type, reason }) => `${type} ${reason}`);
  };
  const notes: readonly [name: string, before: Gathered | undefined, after: Gathered, expected: readonly string[]][] = [
    ['that it answers', observed('starting'), observed('ready'), ['Normal Available']],
    ['nothing when nothing changed', observed('ready'), observed('ready'), []],
    [
      'that it stopped answering',
      observed('ready'),
      observed('stuck'),
      ['Warning Unavailable', 'Warning InstancesMissing'],
    ],
    ['that it is invalid, once', observed('ready'), { ...nothing, problems: [problem] }, ['Warning Invalid']],
    ['nothing of an autoscaler, which writes its own', observed('ready'), cannotScale, []],
    ['nothing of an autoscaler that works again', cannotScale, observed('ready'), []],
    ['of instances that are missing', cannotScale, lost('partly'), ['Warning InstancesMissing']],
    ['that it is in force', undefined, { ...nothing, inForce: topic }, ['Normal InForce']],
    ['of one that comes up, once', undefined, observed('starting', true), ['Normal Starting']],
  ];
  for (const [name, before, after, expected] of notes) {
    it(`in Events ${name}`, () => assert.deepEqual(told(before, after), expected));
  }
});
