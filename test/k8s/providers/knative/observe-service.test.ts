// What is said of a Function from what Knative says of its Service.
import assert from 'node:assert/strict';
import type { KubeObject } from '../../../../k8s/api/kube-object.ts';
import { observeService } from '../../../../k8s/providers/knative/observe-service.ts';
import type { PodState } from '../../../../k8s/providers/pods/pod-state.ts';
import { toPodState } from '../../../../k8s/providers/pods/pod-state.ts';
import { functionOf } from '../deployment/functions.ts';
import { podWith, terminated, waiting } from '../pods/pods.ts';

const seen = (objects: readonly KubeObject[], pods: readonly PodState[] = []) => ({ live: objects, pods, now: 0 });
const fn = functionOf({ image: 'ghcr.io/acme/menu:1' });
const [OLD, NEW] = ['kn-menu-00001', 'kn-menu-00002'];

function live(status: object, running = 1, generation = 2): KubeObject[] {
  const of = (kind: string, name: string, rest: object) => ({
    apiVersion: 'serving.knative.dev/v1',
    kind,
    metadata: { name, namespace: 'default', generation },
    ...rest,
  });
  return [
    of('Service', 'kn-menu', { status: { observedGeneration: 2, ...status } }),
    of('Revision', NEW, { status: { actualReplicas: running } }),
  ];
}

const ready = (status: string, more: object = {}) => ({ conditions: [{ type: 'Ready', status, ...more }] });
const both = (latestReadyRevisionName?: string) => ({
  latestCreatedRevisionName: NEW,
  ...(latestReadyRevisionName === undefined ? {} : { latestReadyRevisionName }),
});
const failed = ready('False', { reason: 'RevisionFailed', message: 'it exits with 9' });
const tried = functionOf({ image: 'ghcr.io/acme/menu:1', canary: { percent: 20 } });
const newest = { revisionName: NEW, latestRevision: true };
const pinned = { revisionName: OLD, latestRevision: false };

const rows: readonly [name: string, objects: KubeObject[], state: string, message: string][] = [
  ['there is none yet', [], 'starting', 'Its Knative Service is being made.'],
  [
    'Knative has not looked yet',
    live({ ...both(OLD), ...ready('True') }, 1, 3),
    'partly',
    'Its Knative Service has changed, and Knative has not looked at that yet.',
  ],
  ['it starts', live({ ...both(), ...ready('Unknown') }), 'starting', 'Knative says: it is being started'],
  [
    'a new one comes',
    live({ ...both(OLD), ...ready('Unknown') }),
    'partly',
    `${NEW} comes up, and ${OLD} still answers.`,
  ],
  ['the first one fails', live({ ...both(), ...failed }), 'stuck', 'Knative says: RevisionFailed: it exits with 9'],
  [
    'a new one fails',
    live({ ...both(OLD), ...failed }),
    'behind',
    `Knative says: RevisionFailed: it exits with 9 ${OLD} still answers.`,
  ],
  [
    'one that was ready fails',
    live({ ...both(NEW), ...failed }),
    'behind',
    'Knative says: RevisionFailed: it exits with 9',
  ],
  ['nothing runs', live({ ...both(NEW), ...ready('True') }, 0), 'ready', 'No instance runs; the next call starts one.'],
  [
    'it runs',
    live({ ...both(NEW), ...ready('True'), traffic: [{ ...newest, percent: 100 }] }),
    'ready',
    `1 instance runs (${NEW}).`,
  ],
  [
    'its calls are split',
    live(
      {
        ...both(NEW),
        ...ready('True'),
        traffic: [
          { ...pinned, percent: 90 },
          { ...newest, percent: 10 },
        ],
      },
      3,
    ),
    'ready',
    `3 instances run (${NEW}). Calls are split: 90% ${OLD}, 10% ${NEW}.`,
  ],
  [
    'its calls are kept at an older one',
    live({
      ...both(NEW),
      ...ready('True'),
      traffic: [
        { ...pinned, percent: 100 },
        { ...newest, tag: 'canary' },
      ],
    }),
    'ready',
    `1 instance runs (${NEW}). Calls are split: 100% ${OLD}.`,
  ],
];

const canaries: readonly [name: string, traffic: readonly object[], message: string][] = [
  [
    'nothing newer is there',
    [
      { ...newest, latestRevision: false, percent: 80, tag: 'stable' },
      { ...newest, percent: 20, tag: 'canary' },
    ],
    `1 instance runs (${NEW}). What is changed next gets 20% of the calls.`,
  ],
  [
    'something newer is there',
    [
      { ...pinned, percent: 80, tag: 'stable' },
      { ...newest, percent: 20, tag: 'canary' },
    ],
    `1 instance runs (${NEW}). Calls are split: 80% ${OLD}, 20% ${NEW}.`,
  ],
];

describe('A Knative Service', () => {
  for (const [name, traffic, message] of canaries) {
    it(`says what its canary gets when ${name}`, () => {
      const observed = observeService(tried, seen(live({ ...both(NEW), ...ready('True'), traffic })));
      assert.deepEqual([observed.state, observed.message], ['ready', message]);
    });
  }

  it('is behind when a version that has calls is gone, and says what to do where that is the one behind a canary', () => {
    const gone = `Revision "${OLD}" referenced in traffic not found.`;
    const missing = live({ ...both(NEW), ...ready('False', { reason: 'RevisionMissing', message: gone }) });
    const [without, declared] = [observeService(fn, seen(missing)), observeService(tried, seen(missing))];
    assert.deepEqual([without.state, declared.state], ['behind', 'behind']);
    assert.equal(without.message, `Knative says: RevisionMissing: ${gone}`);
    assert.match(declared.message.slice(without.message.length), /Take spec\.canary away: /);
  });

  for (const [name, objects, state, message] of rows) {
    it(`is ${state} when ${name}`, () => {
      const observed = observeService(fn, seen(objects));
      assert.deepEqual([observed.state, observed.message], [state, message]);
    });
  }
});

describe('The versions of a Function that Knative reports', () => {
  const versionsOf = (objects: readonly KubeObject[]) => observeService(fn, seen(objects)).versions;
  const old = (running: number): KubeObject => ({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: { name: OLD, namespace: 'default' },
    status: { actualReplicas: running },
  });
  const [newer, earlier] = [
    { newest: true, replicas: 1, revision: NEW },
    { newest: false, replicas: 2, revision: OLD },
  ];

  it('are both while a new one comes, the newest first', () =>
    assert.deepEqual(versionsOf([old(2), ...live({ ...both(OLD), ...ready('Unknown') })]), [newer, earlier]));

  it('are both where the new one fails, also where the one that answers sleeps', () =>
    assert.deepEqual(versionsOf(live({ ...both(OLD), ...failed }, 0)), [
      { ...newer, replicas: 0 },
      { ...earlier, replicas: 0 },
    ]));

  it('are both as long as the earlier one has instances', () =>
    assert.deepEqual(versionsOf([old(2), ...live({ ...both(NEW), ...ready('True') })]), [newer, earlier]));

  it('are not told where the newest answers alone', () =>
    assert.equal(versionsOf([old(0), ...live({ ...both(NEW), ...ready('True') })]), undefined));

  it('are not told while Knative has not looked at a change', () =>
    assert.equal(versionsOf([old(2), ...live({ ...both(OLD), ...ready('True') }, 1, 3)]), undefined));
});

describe('A Function whose pods do not start, by Knative', () => {
  const crashed = terminated(1, "Cannot find module 'x'");
  const podOf = (revision: string, container: object) => {
    const labels = { 'tenfold.dev/for-name': 'menu', 'serving.knative.dev/revision': revision };
    return toPodState(podWith({ metadata: { name: `${revision}-a`, labels }, container })) as PodState;
  };
  const twice = { state: waiting('CrashLoopBackOff'), lastState: crashed, restartCount: 1 };
  const why = `Pod ${NEW}-a: the process ended 2 times (CrashLoopBackOff), last with exit code 1. Its last log lines: Cannot find module 'x'`;
  const once = `Pod ${NEW}-a: the process ended with exit code 1. Its last log lines: Cannot find module 'x'`;

  const cases: readonly [name: string, status: object, container: object, state: string, message: string][] = [
    [
      'says why at once',
      { ...both(), ...ready('Unknown') },
      { state: crashed },
      'starting',
      `Knative says: it is being started ${once}`,
    ],
    [
      'is stuck after the second time',
      { ...both(), ...ready('Unknown') },
      twice,
      'stuck',
      `${NEW} does not start. ${why}`,
    ],
    [
      'is behind with its new version after the second time',
      { ...both(OLD), ...ready('Unknown') },
      twice,
      'behind',
      `${NEW} does not start. ${OLD} still answers. ${why}`,
    ],
    [
      'says why beside what Knative says',
      { ...both(), ...failed },
      twice,
      'stuck',
      `Knative says: RevisionFailed: it exits with 9 ${why}`,
    ],
  ];
  for (const [name, status, container, state, message] of cases) {
    it(name, () => {
      const observed = observeService(fn, seen(live(status), [podOf(NEW, container)]));
      assert.deepEqual([observed.state, observed.message], [state, message]);
    });
  }

  it('is told of pods of the newest Revision alone', () => {
    const observed = observeService(fn, seen(live({ ...both(), ...ready('Unknown') }), [podOf(OLD, twice)]));
    assert.deepEqual([observed.state, observed.message], ['starting', 'Knative says: it is being started']);
  });
});
