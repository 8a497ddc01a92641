// Pods that do not start, on a real API server with Kubernetes' own controllers: the test is the
// kubelet, which tells what keeps them from it, and the status of their Function says it. The same
// of its autoscaler, in a cluster without metrics.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message, pathOf } from '../installed-crds.ts';
import { asked, CONTROLLERS, grantedTo, kubectl, type RunningOperator, runOperator, startPlane } from './operators.ts';

const IMAGE = 'ghcr.io/acme/menu:1';
const PODS = '/api/v1/namespaces/default/pods';
const ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/tenfold-operator';

let plane: ControlPlane;
let operator: RunningOperator;
let kube: ReturnType<typeof kubectl>;

interface Pod {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly terminationMessagePolicy: string }[] };
}

async function podsOf(fn: string): Promise<readonly Pod[]> {
  return (await kube.get(`${PODS}?labelSelector=tenfold.dev/function%3D${fn}`)).items;
}

/** Once there is one of this Function that `passes`. */
async function podOf(fn: string, passes: (pod: Pod) => boolean = () => true): Promise<Pod> {
  let found: Pod | undefined;
  await eventually(async () => {
    found = (await podsOf(fn)).find(passes);
    return found !== undefined;
  }, `a pod of ${fn}`);
  return found ?? assert.fail('There is none.');
}

/** What a kubelet writes about the container of a pod. */
async function tell({ metadata }: Pod, container: object): Promise<void> {
  const image = { image: IMAGE, imageID: '' };
  const status = {
    phase: 'Pending',
    containerStatuses: [{ name: 'function', ready: false, restartCount: 0, ...image, ...container }],
  };
  const path = `${PODS}/${metadata.name}/status`;
  const answer = await plane.client.request('PATCH', path, { status }, 'application/merge-patch+json');
  assert.equal(answer.status, 200, message(answer));
}

async function makeReady({ metadata }: Pod): Promise<void> {
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const status = { phase: 'Running', conditions, containerStatuses: null };
  await plane.client.request('PATCH', `${PODS}/${metadata.name}/status`, { status }, 'application/merge-patch+json');
}

const waiting = (reason: string, said = '') => ({ state: { waiting: { reason, message: said } } });
const failed = waiting('ErrImagePull', 'ghcr.io/acme/menu:1: not found');
const pauses = waiting('ImagePullBackOff', 'Back-off pulling image "ghcr.io/acme/menu:1"');
const crash = { exitCode: 1, reason: 'Error', message: "starting\nError: Cannot find module './menu.js'\n" };

/** As long as it holds, which the status says soon after. */
async function says(fn: string, type: string, expected: string, said: RegExp): Promise<void> {
  await eventually(async () => {
    const found = await kube.conditionOf('Function', fn, type);
    return `${found?.status} ${found?.reason}` === expected && said.test(found.message);
  }, `${type} of ${fn}: ${expected}, with ${said}`).catch(async error => {
    throw new Error(`${error.message}; it is ${JSON.stringify(await kube.conditionOf('Function', fn, type))}`);
  });
}

describe('A Function whose pods do not start', () => {
  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    const flags = { 'horizontal-pod-autoscaler-sync-period': '1s' };
    await plane.startControllers([...CONTROLLERS, 'horizontal-pod-autoscaler-controller'], flags);
    kube = kubectl(plane);
    operator = runOperator(plane);
    await operator.synced;
  });

  after(async () => {
    await operator?.close();
    await plane?.close();
  });

  describeFailures();
  describeVersions();
  describeScaling();
  describeRights();
});

function describeFailures(): void {
  it('says at once that its image cannot be pulled, and is stalled after the second time', async () => {
    await kube.apply('Function', 'unpulled', { image: IMAGE, scale: { replicas: 1 } });
    const pod = await podOf('unpulled');
    assert.equal(pod.spec.containers[0]?.terminationMessagePolicy, 'FallbackToLogsOnError');
    await tell(pod, failed);
    const cause =
      /^0 of 1 instance is available\. Pod fn-unpulled-.*: the image cannot be pulled \(\w+\): .*not found\.$/;
    await says('unpulled', 'Ready', 'False Starting', cause);
    assert.equal(await kube.conditionOf('Function', 'unpulled', 'Stalled'), undefined);
    await tell(pod, pauses);
    await says('unpulled', 'Ready', 'False Starting', /ImagePullBackOff.*not found/);
    await tell(pod, failed);
    await says('unpulled', 'Stalled', 'True Unavailable', cause);
    await says('unpulled', 'Ready', 'False Unavailable', cause);
  });

  it('is Ready, like every other Function, once its pod starts', async () => {
    await makeReady(await podOf('unpulled'));
    await says('unpulled', 'Ready', 'True Available', /^1 of 1 instance is available\.$/);
    assert.equal(await kube.conditionOf('Function', 'unpulled', 'Stalled'), undefined);
    await kube.remove('Function', 'unpulled');
  });

  it('says the last lines of its log when its process ends, and is stalled after the second time', async () => {
    await kube.apply('Function', 'crashes', { image: IMAGE, scale: { replicas: 1 } });
    const pod = await podOf('crashes');
    await tell(pod, { state: { terminated: crash } });
    await says(
      'crashes',
      'Ready',
      'False Starting',
      /ended with exit code 1\. Its last log lines: starting \| Error: Can/,
    );
    await tell(pod, { ...waiting('CrashLoopBackOff'), lastState: { terminated: crash }, restartCount: 1 });
    await says('crashes', 'Stalled', 'True Unavailable', /ended 2 times .*Cannot find module '\.\/menu\.js'$/);
    let notes: readonly string[] = [];
    const isNoted = async () => {
      const { items } = await kube.get('/apis/events.k8s.io/v1/namespaces/default/events');
      notes = items
        .filter(({ regarding }: { regarding: { name: string } }) => regarding.name === 'crashes')
        .map(({ type, reason, note }: { type: string; reason: string; note: string }) => `${type} ${reason} ${note}`);
      return notes.some(note => /^Warning Unavailable .*Cannot find module/.test(note));
    };
    await eventually(isNoted, () => `an Event says why:\n${notes.join('\n')}`);
  });
}

function describeVersions(): void {
  it('says that its process runs and answers nothing, as on another port', async () => {
    await kube.apply('Function', 'silent', { image: IMAGE, scale: { replicas: 1 } });
    const startedAt = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
    await tell(await podOf('silent'), { started: false, state: { running: { startedAt } } });
    await says('silent', 'Ready', 'False Starting', /the process runs, and nothing has answered at spec\.port/);
    await kube.remove('Function', 'silent');
  });

  it('has another chance with a new version, and says nothing of the one before', async () => {
    const before = await podOf('crashes');
    await kube.apply('Function', 'crashes', { image: 'ghcr.io/acme/menu:2', scale: { replicas: 1 } });
    const version = (pod: Pod) => pod.metadata.annotations?.['tenfold.dev/version'];
    const newest = await podOf('crashes', pod => version(pod) !== version(before));
    await says('crashes', 'Ready', 'False Starting', /^0 of 1 instance is available\.$/);
    assert.equal(await kube.conditionOf('Function', 'crashes', 'Stalled'), undefined);
    await makeReady(newest);
    await says('crashes', 'Ready', 'True Available', /^1 of 1/);
  });

  it('goes on answering when a later version does not start, and is stalled with the cause', async () => {
    const versions = (await podsOf('crashes')).map(({ metadata }) => metadata.name);
    await kube.apply('Function', 'crashes', { image: 'ghcr.io/acme/menu:3', scale: { replicas: 1 } });
    const newest = await podOf('crashes', ({ metadata }) => !versions.includes(metadata.name));
    await tell(newest, { ...waiting('CrashLoopBackOff'), lastState: { terminated: crash }, restartCount: 1 });
    await says('crashes', 'Stalled', 'True Unavailable', /^1 of 1 instance is available\. Pod .*Cannot find module/);
    await says('crashes', 'Ready', 'True Available', /Cannot find module/);
    const { status } = await kube.get(pathOf('Function', 'crashes'));
    assert.equal(status.url, 'http://fn-crashes.default.svc');
    await kube.remove('Function', 'crashes');
  });
}

function describeScaling(): void {
  it('is Degraded after a while where its autoscaler has no metrics, and works', async () => {
    await kube.apply('Function', 'unscaled', { image: IMAGE, scale: { min: 1, max: 3 } });
    await makeReady(await podOf('unscaled'));
    const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/fn-unscaled';
    let conditions: readonly { readonly reason: string }[] = [];
    const isBlind = async () => {
      conditions = (await kube.get(path)).status?.conditions ?? [];
      return conditions.some(({ reason }) => reason === 'FailedGetResourceMetric');
    };
    await eventually(isBlind, 'the autoscaler has no metrics');
    await says('unscaled', 'Ready', 'True Available', /^1 of 1/);
    // Its controller keeps the time while the condition is the same.
    const longAgo = conditions.map(one => ({ ...one, lastTransitionTime: '2026-01-01T00:00:00Z' }));
    const patch = { status: { conditions: longAgo } };
    const answer = await plane.client.request('PATCH', `${path}/status`, patch, 'application/merge-patch+json');
    assert.equal(answer.status, 200, message(answer));
    await says('unscaled', 'Degraded', 'True CannotScale', /^Its HorizontalPodAutoscaler fn-unscaled .*metrics-server/);
    await says('unscaled', 'Ready', 'True Available', /^1 of 1/);
    await kube.remove('Function', 'unscaled');
  });
}

function describeRights(): void {
  it('is all that the operator asks of pods: to see them', async () => {
    const ofPods = (calls: readonly string[]) => [...new Set(calls.filter(call => call.endsWith(' /pods')))].sort();
    assert.deepEqual(ofPods(grantedTo('operator')), ['list /pods', 'watch /pods']);
    // A watch is noted when it ends.
    await operator.close();
    await eventually(() => ofPods(asked(plane, 'operator')).length > 1, 'it has listed and watched pods');
    assert.deepEqual(ofPods(asked(plane, 'operator')), ['list /pods', 'watch /pods']);
  });

  it('is run as before where the operator may not see pods, which its log says', async () => {
    const { rules } = await kube.get(ROLE);
    const without = rules.filter(({ resources }: { resources: string[] }) => !resources.includes('pods'));
    const patch = { rules: without };
    const answer = await plane.client.request('PATCH', ROLE, patch, 'application/merge-patch+json');
    assert.equal(answer.status, 200, message(answer));
    operator = runOperator(plane);
    await operator.synced;
    await kube.apply('Function', 'blind', { image: IMAGE, scale: { replicas: 1 } });
    const pod = await podOf('blind');
    await tell(pod, failed);
    await says('blind', 'Ready', 'False Starting', /^0 of 1 instance is available\.$/);
    assert.equal(operator.lines.filter(line => line.includes('pods may not be seen')).length, 1);
    await makeReady(pod);
    await says('blind', 'Ready', 'True Available', /^1 of 1/);
  });
}
