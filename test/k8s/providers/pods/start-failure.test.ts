// What the status of a Function says of pods that do not start, and when that counts as lasting.
import assert from 'node:assert/strict';
import { type PodState, toPodState } from '../../../../k8s/providers/pods/pod-state.ts';
import { startFailureOf } from '../../../../k8s/providers/pods/start-failure.ts';
import { MADE_AT, type PodParts, podWith, running, terminated, waiting } from './pods.ts';

const REFUSED = 'failed to resolve reference "ghcr.io/acme/nemu:1": not found';
const pullFailed = waiting('ErrImagePull', REFUSED);
const pullPaused = waiting(
  'ImagePullBackOff',
  `Back-off pulling image "ghcr.io/acme/nemu:1": ErrImagePull: ${REFUSED}`,
);
const MISSING = "Error: Cannot find module '/function/menu.js'";
const crashed = terminated(1, `starting\n${MISSING}\n    at load (node:internal:1:2)\n`);
const backsOff = waiting('CrashLoopBackOff', 'back-off 10s restarting failed container=function');
const unschedulable = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'Unschedulable',
  message: '0/3 nodes are available: 3 Insufficient memory.',
};
const LOG = `Its last log lines: starting | ${MISSING}`;

function stateAfter(...told: readonly PodParts[]): PodState | undefined {
  return told.reduce<PodState | undefined>((before, parts) => toPodState(podWith(parts), before), undefined);
}

/** What is found of a pod of which a watch has told so, one after the other. */
function failureAfter(told: readonly PodParts[], seconds = 5) {
  const state = stateAfter(...told);
  return state && startFailureOf([state], MADE_AT + seconds * 1000);
}

type Row = readonly [name: string, told: readonly PodParts[], lasting: boolean, message: string];

const rows: readonly Row[] = [
  [
    'whose image cannot be pulled',
    [{ container: { state: pullFailed } }],
    false,
    `the image cannot be pulled (ErrImagePull): ${REFUSED}.`,
  ],
  [
    'that waits for the second pull',
    [{ container: { state: pullFailed } }, { container: { state: pullPaused } }],
    false,
    `the image cannot be pulled (ImagePullBackOff): ${REFUSED}.`,
  ],
  [
    'whose second pull failed',
    [pullFailed, pullPaused, pullFailed].map(state => ({ container: { state } })),
    true,
    `the image cannot be pulled (ImagePullBackOff): ${REFUSED}.`,
  ],
  [
    'whose kubelet leaves the cause out while it waits',
    [pullFailed, waiting('ImagePullBackOff', 'Back-off pulling image "ghcr.io/acme/nemu:1"')].map(state => ({
      container: { state },
    })),
    false,
    `the image cannot be pulled (ImagePullBackOff): ${REFUSED}.`,
  ],
  [
    'whose image has a name that is none',
    [{ container: { state: waiting('InvalidImageName', 'couldn\'t parse image name "A:B"') } }],
    true,
    'the image cannot be pulled (InvalidImageName): couldn\'t parse image name "A:B".',
  ],
  [
    'whose process has ended once',
    [{ container: { state: crashed } }],
    false,
    `the process ended with exit code 1. ${LOG}`,
  ],
  [
    'whose process has ended twice',
    [{ container: { state: backsOff, lastState: crashed, restartCount: 1 } }],
    true,
    `the process ended 2 times (CrashLoopBackOff), last with exit code 1. ${LOG}`,
  ],
  [
    'whose process runs for the third time',
    [{ container: { state: running(4), lastState: crashed, restartCount: 2 } }],
    true,
    `the process ended 2 times (CrashLoopBackOff), last with exit code 1. ${LOG}`,
  ],
  [
    'whose process ended by itself',
    [{ container: { state: terminated(0, '', 2, 'Completed') } }],
    false,
    'the process ended with exit code 0. A Function has to go on listening.',
  ],
  [
    'that needs more memory than it may have',
    [{ container: { state: terminated(137, '', 2, 'OOMKilled') } }],
    false,
    'the process ended with exit code 137 (OOMKilled): it needs more memory than spec.resources.limits.memory gives it.',
  ],
  [
    'that listens nowhere',
    [{ container: { state: terminated(137, '', 122) } }],
    false,
    'the process ended with exit code 137: it was killed, most often for no answer at spec.port or to its health checks.',
  ],
  [
    'that logs nothing',
    [{ container: { state: terminated(3) } }],
    false,
    'the process ended with exit code 3. It logged nothing; see "kubectl logs fn-menu-1 -n default -c function --previous".',
  ],
  [
    'whose Secret is missing',
    [{ container: { state: waiting('CreateContainerConfigError', 'secret "database" not found') } }],
    false,
    'the kubelet cannot start it (CreateContainerConfigError): secret "database" not found.',
  ],
  [
    'that no node takes',
    [{ conditions: [unschedulable] }],
    false,
    'no node takes it (Unschedulable): 0/3 nodes are available: 3 Insufficient memory.',
  ],
  [
    'whose container of somebody else fails',
    [{ init: { name: 'mesh-init', state: terminated(2, 'iptables: permission denied') } }],
    false,
    'the process of the container "mesh-init" ended with exit code 2. Its last log lines: iptables: permission denied',
  ],
];

describe('A pod', () => {
  for (const [name, told, lasting, message] of rows) {
    it(`${name} says so${lasting ? ', and that it stays so' : ''}`, () => {
      const failure = failureAfter(told);
      assert.equal(failure?.message, `Pod fn-menu-1: ${message}`);
      assert.equal(failure?.lasting, lasting);
    });
  }

  const calm: readonly (readonly [name: string, parts: PodParts])[] = [
    ['that is ready', { conditions: [{ type: 'Ready', status: 'True' }], container: { state: crashed } }],
    [
      'that is being deleted',
      { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, container: { state: crashed } },
    ],
    ['that has ended as a whole', { phase: 'Failed', container: { state: crashed } }],
    ['that has just been made', {}],
    ['whose container is made', { container: { state: waiting('ContainerCreating') } }],
    ['whose init container is done', { init: { ready: true, state: terminated(0) }, container: {} }],
    ['whose process runs', { container: { state: running(1) } }],
  ];
  for (const [name, parts] of calm) {
    it(`${name} is in no trouble`, () => assert.equal(failureAfter([parts]), undefined));
  }
});

describe('Trouble of a pod that time alone makes lasting', () => {
  const missing = { container: { state: waiting('CreateContainerConfigError', 'secret "database" not found') } };
  it('is a missing Secret after half a minute: it may be made after the Function', () => {
    assert.equal(failureAfter([missing], 10)?.lookAgainMs, 20_000);
    assert.deepEqual(
      [failureAfter([missing], 30)?.lasting, failureAfter([missing], 30)?.lookAgainMs],
      [true, undefined],
    );
  });

  it('is a failed pull that was there before the watch, by when it must have been tried twice', () => {
    const told = [{ container: { state: pullPaused } }];
    assert.equal(failureAfter(told, 20)?.lookAgainMs, 40_000);
    assert.equal(failureAfter(told, 60)?.lasting, true);
  });

  it('counts from when a node took it', () => {
    const pod = podWith(missing);
    const late = { ...pod, status: { ...(pod['status'] as object), startTime: '2026-01-01T01:00:00Z' } };
    const state = toPodState(late);
    assert.equal(state && startFailureOf([state], MADE_AT + 3_600_000)?.lasting, false);
  });
});

describe('A process that came up before', () => {
  const restarted = (startedAfter: number, ranFor: number) => ({
    container: { state: running(startedAfter), lastState: terminated(1, '', ranFor), restartCount: 7 },
  });

  it('is not lasting trouble when it ran for long before its end', () => {
    assert.equal(failureAfter([restarted(3605, 3600)], 3606)?.lasting, false);
    assert.equal(failureAfter([restarted(8, 3)], 9)?.lasting, true);
  });

  it('is in other trouble when it has run for two minutes and is not ready', () => {
    assert.equal(failureAfter([restarted(8, 3)], 127)?.lookAgainMs, 1000);
    assert.equal(failureAfter([restarted(8, 3)], 128), undefined);
  });
});

describe('Several pods', () => {
  const named = (name: string, container: object) => toPodState(podWith({ metadata: { name }, container })) as PodState;
  const now = MADE_AT + 5000;

  it('tell of the one that stays so, and how many there are', () => {
    const first = named('a', { state: crashed });
    const lasting = named('b', { state: backsOff, lastState: crashed, restartCount: 4 });
    const failure = startFailureOf([first, lasting], now);
    assert.equal(failure?.lasting, true);
    assert.match(failure?.message ?? '', /^2 of its pods do not start\. Pod b: the process ended 5 times/);
  });

  it('tell the same whatever their order', () => {
    const [one, other] = [named('a', { state: crashed }), named('b', { state: crashed })];
    assert.deepEqual(startFailureOf([one, other], now), startFailureOf([other, one], now));
  });
});

describe('A process that runs and answers no probe', () => {
  const silent = { container: { started: false, state: running(1) } };

  it('is told of when most processes would listen, and is not lasting trouble', () => {
    assert.deepEqual(failureAfter([silent], 5), { message: undefined, lasting: false, lookAgainMs: 16_000 });
    const { message, lasting, lookAgainMs } = failureAfter([silent], 21) ?? {};
    assert.equal(
      message,
      'Pod fn-menu-1: the process runs, and nothing has answered at spec.port or to its health checks yet.',
    );
    assert.deepEqual([lasting, lookAgainMs], [false, undefined]);
  });

  it('is not told of beside another pod before that', () => {
    const [one, other] = [stateAfter(silent), stateAfter({ metadata: { name: 'z' }, container: { state: crashed } })];
    const failure = startFailureOf(
      [one, other].filter(state => state !== undefined),
      MADE_AT + 5000,
    );
    assert.match(failure?.message ?? '', /^Pod z: the process ended/);
  });

  it('has come up when a probe was answered', () => {
    assert.equal(failureAfter([{ container: { started: true, state: running(1) } }], 60), undefined);
  });
});
