// What is said of a Function from the state of its Deployment.
import assert from 'node:assert/strict';
import { observeDeployment } from '../../../../k8s/providers/deployment/observe-deployment.ts';
import { functionOf, variants } from './functions.ts';

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
    spec: { replicas: wanted },
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
      /kubectl describe pods/,
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
    return observeDeployment(fn, [deployment({ status })], NOW);
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
      const observed = observeDeployment(fn, state ? [deployment(state)] : [], NOW);
      assert.equal(observed.state, expected);
      assert.equal(observed.changing, changing);
      assert.match(observed.message, message);
      assert.equal(observed.url, 'http://fn-menu.default.svc');
      assert.equal(observed.selector, 'tenfold.dev/function=menu');
    });
  }
});
