// Which Leases gateways and workers may write, with tokens as pods have them: their own.
import assert from 'node:assert/strict';
import { read } from '../../../k8s/api/kube-object.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { kubeClient } from '../kube-client.ts';
import { installPolicy, PLATFORM, startPlane } from './operators.ts';

const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases`;

describe('The policy of Leases', () => {
  let plane: ControlPlane;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await installPolicy(plane, 'lease-policy');
    for (const component of ['gateway', 'worker']) await makePod(`${component}-1`, `tenfold-${component}`);
  });
  after(() => plane?.close());

  async function makePod(name: string, serviceAccountName: string): Promise<void> {
    const spec = { serviceAccountName, containers: [{ name: 'one', image: 'one:1' }] };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: PLATFORM }, spec };
    const answer = await plane.client.request('POST', `/api/v1/namespaces/${PLATFORM}/pods`, body);
    assert.equal(answer.status, 201, message(answer));
  }
  /** As a kubelet asks for it; without `pod` as somebody else might. */
  const tokenOf = async (component: string, pod?: string): Promise<string> => {
    const bound = pod === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod } };
    const answer = await plane.client.request(
      'POST',
      `/api/v1/namespaces/${PLATFORM}/serviceaccounts/tenfold-${component}/token`,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 3600, ...bound },
      },
    );
    assert.equal(answer.status, 201, message(answer));
    return String(read(answer.body, 'status', 'token'));
  };
  /** The answer's status to a Lease that is made or changed with that token. */
  const write = async (token: string, name: string) => {
    const client = kubeClient(plane.url, token, plane.ca);
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: PLATFORM },
      spec: { holderIdentity: 'me' },
    };
    try {
      return (await client.apply(`${LEASES}/${name}`, lease)).status;
    } finally {
      await client.close();
    }
  };

  it('keeps a gateway from that of the operator, and from those of others', async () => {
    const token = await tokenOf('gateway', 'gateway-1');
    // It holds a moment after it was made.
    await eventually(async () => (await write(token, 'tenfold-operator')) === 403, 'it is refused');
    assert.equal(await write(token, 'worker-1'), 403);
  });

  it('lets gateways and workers write their own, when it is new and later', async () => {
    for (const component of ['gateway', 'worker']) {
      const token = await tokenOf(component, `${component}-1`);
      assert.deepEqual([await write(token, `${component}-1`), await write(token, `${component}-1`)], [201, 200]);
    }
  });

  it('lets nobody write who is no pod', async () => {
    assert.equal(await write(await tokenOf('gateway'), 'gateway-1'), 403);
  });

  it('is nothing to others', async () => {
    assert.ok((await write(plane.token, 'tenfold-operator')) < 300);
  });
});
