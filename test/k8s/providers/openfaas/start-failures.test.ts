// What is told of a Function in OpenFaaS whose pods do not start: the gateway says nothing of it.
import assert from 'node:assert/strict';
import { observeFunction } from '../../../../k8s/providers/openfaas/decide.ts';
import { openfaasNameOf } from '../../../../k8s/providers/openfaas/names.ts';
import { podsInOpenFaaS } from '../../../../k8s/providers/openfaas/pods.ts';
import { type PodState, toPodState } from '../../../../k8s/providers/pods/pod-state.ts';
import { functionOf, variants } from '../deployment/functions.ts';
import { type ContainerStatus, MADE_AT, podWith, running, terminated, waiting } from '../pods/pods.ts';

const NAME = openfaasNameOf({ name: 'menu', namespace: 'default' });
const NOW = MADE_AT + 5000;
const LOOK = `Look at them with "kubectl describe pods -n openfaas-fn -l faas_function=${NAME}".`;
const once = { state: terminated(1) };
const twice = { state: waiting('CrashLoopBackOff'), lastState: terminated(1), restartCount: 1 };

function pod(container: ContainerStatus, applied = 'new'): PodState {
  const annotations = { 'tenfold.dev/function': 'default/menu', 'tenfold.dev/applied': applied };
  const made = podWith({
    metadata: { name: `${NAME}-1`, namespace: 'openfaas-fn', annotations },
    container: { name: NAME, ...container },
  });
  const containers = [{ name: NAME, terminationMessagePolicy: 'File' }];
  return toPodState({ ...made, spec: { containers } }) ?? assert.fail('It is ready.');
}

function observe(available: number, pods: readonly PodState[], now = NOW) {
  const annotations = { 'tenfold.dev/applied': 'new', 'tenfold.dev/applied-at': new Date(MADE_AT).toISOString() };
  const reported = { image: 'ghcr.io/acme/menu:1', annotations, replicas: 2, availableReplicas: available };
  const times = { stuckAfterMs: 300_000, settledMs: 60_000, changingMs: 2000 };
  const facts = { ...times, now, pods, podsIn: 'openfaas-fn' };
  return observeFunction(functionOf(variants['least'] ?? {}), reported, 'http://gateway', facts);
}

describe('A Function in OpenFaaS whose pods do not start', () => {
  const rows: readonly [what: string, available: number, pod: PodState, state: string, changing: boolean][] = [
    ['says why at once', 0, pod(once), 'starting', true],
    ['is stuck after the second time', 0, pod(twice), 'stuck', false],
    ['says why of one that is missing', 1, pod(twice), 'partly', true],
    ['says why of a newer version', 2, pod(once), 'partly', true],
    ['is behind with a newer version after the second time', 2, pod(twice), 'behind', false],
  ];
  for (const [what, available, failed, state, changing] of rows)
    it(what, () => {
      const observed = observe(available, [failed]);
      assert.deepEqual([observed.state, observed.changing], [state, changing]);
      assert.match(observed.message, /of 2 instances are available.* Pod menu-.*: the process .* with exit code 1\./);
      assert.ok(observed.message.endsWith(LOOK), observed.message);
    });

  it('says where its log is, which is not in the status of such a pod', () => {
    const command = `kubectl logs ${NAME}-1 -n openfaas-fn -c ${NAME} --previous`;
    const { message } = observe(0, [pod(once)]);
    assert.ok(message.includes(`with exit code 1. See its log with "${command}". Look`), message);
  });

  it('says why instead of how long it takes, and where to look when it is not known', () => {
    const later = NOW + 300_000;
    assert.match(observe(1, [pod(twice)], later).message, /after 5 minutes\. Pod menu-/);
    assert.match(observe(1, [], later).message, /OpenFaaS does not say why\. Look at its pods with "kubectl describe/);
  });

  it('is told nothing of pods of another version, and of those that may be fine', () => {
    assert.deepEqual([observe(2, [pod(twice, 'old')]).state, observe(2, []).state], ['ready', 'ready']);
    assert.equal(observe(0, [pod(twice, 'old')]).message, '0 of 2 instances are available.');
    const starts = observe(2, [pod({ started: false, state: running(1) })]);
    assert.deepEqual([starts.state, starts.lookAgainMs], ['ready', 16_000]);
  });
});

describe('The pods of Functions in OpenFaaS', () => {
  it('are those that were deployed for Tenfold, in the namespace that is set or the usual one', () => {
    const { namespace, labelSelector } = podsInOpenFaaS();
    assert.deepEqual([namespace, labelSelector], ['openfaas-fn', 'faas_function,app.kubernetes.io/part-of=tenfold']);
    assert.equal(podsInOpenFaaS('staging-fn').namespace, 'staging-fn');
  });

  it('name their Function, and are of none where they do not', () => {
    const of = (annotations: Readonly<Record<string, string>>) =>
      podsInOpenFaaS().functionOf(podWith({ metadata: { annotations } }));
    assert.deepEqual(of({ 'tenfold.dev/function': 'shop/menu' }), { namespace: 'shop', name: 'menu' });
    for (const wrong of ['', 'menu', '/menu', 'shop/', 'shop/menu/1'])
      assert.equal(of({ 'tenfold.dev/function': wrong }), undefined, wrong);
    assert.equal(of({}), undefined);
  });
});
