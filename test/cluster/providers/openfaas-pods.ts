// A pod of a function of OpenFaaS that does not start, in a real API server: the test is OpenFaaS,
// which makes it, and the kubelet, which tells of it.
import assert from 'node:assert/strict';
import { openfaasNameOf } from '../../../k8s/providers/openfaas/names.ts';
import { eventually } from '../../eventually.ts';
import type { FakeOpenFaas } from '../../fakes/openfaas-gateway.ts';
import type { ControlPlane } from '../control-plane.ts';
import { message } from '../installed-crds.ts';
import type { kubectl } from '../operator/operators.ts';

interface Started {
  readonly plane: ControlPlane;
  readonly gateway: FakeOpenFaas;
  readonly kube: ReturnType<typeof kubectl>;
}

export function describeOpenFaasPods(started: () => Started): void {
  it('says why the pods of OpenFaaS do not start, which its gateway does not', async () => {
    const { plane, gateway, kube } = started();
    await kube.apply('Function', 'broken', { image: 'ghcr.io/acme/menu:1', provider: 'openfaas' });
    const name = openfaasNameOf({ name: 'broken', namespace: 'default' });
    await eventually(async () => gateway.functions.get(name) !== undefined, 'it is deployed');
    const { labels, annotations, image } = gateway.functions.get(name)?.deployed ?? assert.fail('It is not there.');
    const client = plane.client;
    const place = '/api/v1/namespaces/openfaas-fn';
    const made = [
      await client.apply(place, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'openfaas-fn' } }),
      await client.apply(`${place}/pods/${name}-1`, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `${name}-1`, labels: { faas_function: name, ...labels }, annotations },
        spec: { containers: [{ name, image }] },
      }),
    ];
    for (const answer of made) assert.ok(answer.status < 300, message(answer));
    const ended = { terminated: { exitCode: 1, reason: 'Error' } };
    const waits = { waiting: { reason: 'CrashLoopBackOff' } };
    const container = { name, image, imageID: '', ready: false, restartCount: 1, state: waits, lastState: ended };
    const status = { phase: 'Pending', containerStatuses: [container] };
    const path = `${place}/pods/${name}-1/status`;
    const told = await client.request('PATCH', path, { status }, 'application/merge-patch+json');
    assert.equal(told.status, 200, message(told));
    const said = await kube.wait('Function', 'broken', 'Stalled', 'True Unavailable');
    assert.match(said, /ended 2 times \(CrashLoopBackOff\), last with exit code 1\. See its log .* -n openfaas-fn -l /);
    await client.request('DELETE', `${place}/pods/${name}-1`);
    await kube.remove('Function', 'broken');
  });
}
