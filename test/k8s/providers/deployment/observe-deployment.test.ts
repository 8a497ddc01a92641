// What is said of a Function from the state of its Deployment.
import assert from 'node:assert/strict';
import { read, readText } from '../../../../k8s/api/kube-object.ts';
import { observeDeployment } from '../../../../k8s/providers/deployment/observe-deployment.ts';
import { deploymentProvider } from '../../../../k8s/providers/deployment/provider.ts';
import { type PodState, toPodState } from '../../../../k8s/providers/pods/pod-state.ts';
import { podWith, terminated, waiting } from '../pods/pods.ts';
import { context, functionOf, variants } from './functions.ts';

const fn = functionOf(variants['least'] ?? {});
const NOW = Date.parse('2026-01-01T00:00:00Z');

interface State {
  readonly generation?: number;
  readonly wanted?: number;
  readonly status?: object;
}

function deployment({ generation = 1, wanted = 2, status = {} }: State) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'fn-menu', namespace: 'default', generation },
    spec: { replicas: wanted, template: { metadata: { annotations: { 'tenfold.dev/version': 'one' } } } },
    status: { observedGeneration: 1, ...status },
  };
}

const rows: readonly [name: string, state: State | undefined, expected: string, changing: boolean, message: RegExp][] =
  [
    ['there is none yet', undefined, 'starting', true, /is being made/],
    ['nothing runs yet', { status: {} }, 'starting', true, /0 of 2 instances are available/],
    ['all answer', { status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 } }, 'ready', false, /2 of 2/],
    [
      'one answers yet',
      { status: { replicas: 2, updatedReplicas: 2, availableReplicas: 1 } },
      'partly',
      true,
      /1 of 2/,
    ],
    [
      'a new version comes',
      { status: { replicas: 3, updatedReplicas: 1, availableReplicas: 2 } },
      'partly',
      true,
      /1 of 2 instances have it/,
    ],
    [
      'a change was not seen',
      { generation: 2, status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 } },
      'partly',
      true,
      /not looked at that/,
    ],
    ['nothing is wanted', { wanted: 0, status: {} }, 'stopped', false, /replicas: 0/],
    [
      'it came no further',
      {
        status: {
          replicas: 2,
          conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: '' }],
        },
      },
      'stuck',
      false,
      /"kubectl describe pods -l tenfold\.dev\/function=\S+ -n \S+"\.$/,
    ],
    [
      'pods are refused',
      {
        status: {
          conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }],
        },
      },
      'stuck',
      false,
      /exceeded quota/,
    ],
    [
      'a new version came no further',
      {
        status: {
          replicas: 3,
          updatedReplicas: 1,
          availableReplicas: 2,
          conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: '' }],
        },
      },
      'behind',
      false,
      /2 of 2 instances are available, and no further one/,
    ],
    [
      'further pods are refused',
      {
        status: {
          replicas: 1,
          availableReplicas: 1,
          conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }],
        },
      },
      'behind',
      false,
      /1 of 2 .* exceeded quota/,
    ],
  ];

describe('A Function whose Deployment says that', () => {
  const since = (seconds: number, available: number, reason = 'NewReplicaSetAvailable') => {
    const lastTransitionTime = new Date(NOW - seconds * 1000).toISOString();
    const conditions = [
      { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', lastTransitionTime },
      { type: 'Progressing', status: 'True', reason },
    ];
    const status = { replicas: 2, updatedReplicas: 2, availableReplicas: available, conditions };
    return observeDeployment(fn, { live: [deployment({ status })], pods: [], now: NOW });
  };
  for (const available of [0, 1]) {
    it(`${2 - available} of its instances that answered do not any more has lost them once that has lasted`, () => {
      assert.deepEqual([since(10, available).lost, since(10, available).lookAgainMs], [undefined, 50_000]);
      const { lost, message, state } = since(60, available);
      assert.deepEqual([lost, state], [true, available === 0 ? 'starting' : 'partly']);
      assert.match(message, /do not answer any more.*kubectl describe pods/);
      assert.equal(since(600, available, 'ReplicaSetUpdated').lost, undefined, 'a new version comes up');
    });
  }

  for (const [name, state, expected, changing, message] of rows) {
    it(`${name} is ${expected}`, () => {
      const observed = observeDeployment(fn, { live: state ? [deployment(state)] : [], pods: [], now: NOW });
      assert.equal(observed.state, expected);
      assert.equal(observed.changing, changing);
      assert.match(observed.message, message);
      assert.equal(observed.url, 'http://fn-menu.default.svc');
      assert.equal(observed.selector, 'tenfold.dev/function=menu');
    });
  }
});

describe('The versions of a Function that its Deployment reports', () => {
  const versionsOf = (status: object, generation = 1) =>
    observeDeployment(fn, { live: [deployment({ generation, status })], pods: [], now: NOW }).versions;

  it('are both while a new one comes, the newest first', () =>
    assert.deepEqual(versionsOf({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 }), [
      { newest: true, replicas: 1 },
      { newest: false, replicas: 2 },
    ]));

  it('are both where nothing of the new one was made yet', () =>
    assert.deepEqual(versionsOf({ replicas: 2, availableReplicas: 2 }), [
      { newest: true, replicas: 0 },
      { newest: false, replicas: 2 },
    ]));

  it('are not told where one has all instances', () =>
    assert.equal(versionsOf({ replicas: 2, updatedReplicas: 2, availableReplicas: 1 }), undefined));

  it('are not told while Kubernetes has not looked at a change', () =>
    assert.equal(versionsOf({ replicas: 3, updatedReplicas: 1 }, 2), undefined));
});

describe('A Function whose pods do not start', () => {
  const crashed = terminated(1, "Cannot find module 'x'");
  const podOf = (container: object, version = 'one') =>
    toPodState(podWith({ metadata: { annotations: { 'tenfold.dev/version': version } }, container })) as PodState;
  const once = podOf({ state: crashed });
  const twice = podOf({ state: waiting('CrashLoopBackOff'), lastState: crashed, restartCount: 1 });
  const cause = /Pod fn-menu-1: .*Its last log lines: Cannot find module 'x'$/;
  const came = { conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }] };
  const first = { replicas: 2, updatedReplicas: 2, availableReplicas: 0 };
  const rollOut = { replicas: 3, updatedReplicas: 1, availableReplicas: 2 };
  const oneMissing = { replicas: 2, updatedReplicas: 2, availableReplicas: 1, ...came };
  const noneLeft = { ...first, ...came };

  const cases: readonly [name: string, status: object, pod: PodState, state: string, changing: boolean][] = [
    ['says why at once', first, once, 'starting', true],
    ['is stuck after the second time', first, twice, 'stuck', false],
    ['says why of a new version at once', rollOut, once, 'partly', true],
    ['is behind with its new version after the second time', rollOut, twice, 'behind', false],
    ['has others that answer after it came up', oneMissing, twice, 'partly', true],
    ['has none that answers after it came up', noneLeft, twice, 'stuck', false],
  ];
  for (const [name, status, pod, state, changing] of cases) {
    it(name, () => {
      const observed = observeDeployment(fn, { live: [deployment({ status })], pods: [pod], now: NOW });
      assert.deepEqual([observed.state, observed.changing], [state, changing]);
      assert.match(observed.message, cause);
    });
  }

  it('is told of pods of the newest version alone', () => {
    const pods = [podOf({ state: waiting('CrashLoopBackOff'), lastState: crashed, restartCount: 9 }, 'before')];
    const observed = observeDeployment(fn, { live: [deployment({ status: first })], pods, now: NOW });
    assert.deepEqual([observed.state, observed.message], ['starting', '0 of 2 instances are available.']);
  });

  it('says why instead of where to look, when it came no further in time', () => {
    const late = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };
    const observed = observeDeployment(fn, { live: [deployment({ status: late })], pods: [once], now: NOW });
    assert.match(observed.message, cause);
    assert.doesNotMatch(observed.message, /kubectl describe/);
  });

  it('is looked at again when that may have become lasting', () => {
    const missing = podOf({ state: waiting('CreateContainerConfigError', 'secret "x" not found') });
    const observed = observeDeployment(fn, { live: [deployment({ status: first })], pods: [missing], now: NOW });
    assert.deepEqual([observed.state, observed.lookAgainMs], ['starting', 30_000]);
  });
});

describe('The template of the pods of a Function', () => {
  const versionOf = (spec: object) => {
    const made = deploymentProvider.wanted(functionOf({ image: 'ghcr.io/acme/menu:1', ...spec }), context);
    const template = read(
      made.find(({ kind }) => kind === 'Deployment'),
      'spec',
      'template',
    );
    return readText(template, 'metadata', 'annotations', 'tenfold.dev/version');
  };

  it('has a version that differs with it, and with nothing else', () => {
    assert.match(versionOf({}) ?? '', /^[0-9a-f]{16}$/);
    assert.equal(versionOf({ scale: { replicas: 3 } }), versionOf({}));
    assert.notEqual(versionOf({ env: [{ name: 'A', value: 'b' }] }), versionOf({}));
  });
});
