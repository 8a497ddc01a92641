// Operators that lead one after another, and API servers that go away.
import assert from 'node:assert/strict';
import { eventually } from '../eventually.ts';
import { startProxy, type TcpProxy } from '../services/proxy.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { BUILD_AND_START_MS, installCrds } from './installed-crds.ts';
import { installRbac, kubectl, PLATFORM, type RunningOperator, runOperator, withAccounts } from './operators.ts';

const IMAGE = { image: 'ghcr.io/acme/menu:1' };
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${PLATFORM}/leases/tenfold-operator`;

describe('Operators', function () {
  this.timeout(60_000);
  let plane: ControlPlane;
  let proxy: TcpProxy;
  let kube: ReturnType<typeof kubectl>;
  const running: RunningOperator[] = [];

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane(withAccounts);
    await installCrds(plane.client);
    await installRbac(plane);
    kube = kubectl(plane);
    proxy = await startProxy(Number(new URL(plane.url).port));
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map(operator => operator.close()));
  });

  after(async () => {
    await proxy?.close();
    await plane?.close();
  });

  async function start(url?: string): Promise<RunningOperator> {
    const operator = runOperator(plane, url === undefined ? {} : { url });
    running.push(operator);
    await operator.synced;
    return operator;
  }
  const leads = (operator: RunningOperator, withinMs = 10_000) =>
    eventually(() => operator.isLeader, 'it leads', withinMs);

  it('lead one at a time, and the next begins at once when one stops', async () => {
    const first = await start();
    await leads(first);
    const second = await start();
    await new Promise(resolve => setTimeout(resolve, 1000));
    assert.equal(second.isLeader, false);
    await first.close();
    await leads(second, 1500);
    await kube.apply('Function', 'handed-over', IMAGE);
    await kube.wait('Function', 'handed-over', 'Accepted', 'True Valid');
    assert.equal((await kube.get(LEASE)).spec.leaseTransitions >= 1, true);
  });

  it('leave alone what others say of their Lease', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    const annotations = { 'meta.helm.sh/release-name': 'tenfold' };
    await plane.client.apply(LEASE, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'tenfold-operator', labels, annotations },
    });
    await leads(await start());
    const { metadata, spec } = await kube.get(LEASE);
    assert.notEqual(spec.holderIdentity, '');
    assert.deepEqual([metadata.labels, metadata.annotations], [labels, annotations]);
  });

  it('stop leading before another begins when they are cut off without a word', async () => {
    const first = await start(`https://127.0.0.1:${proxy.port}`);
    await leads(first);
    const second = await start();
    let both = false;
    const watching = setInterval(() => {
      both ||= first.isLeader && second.isLeader;
    }, 5);
    proxy.keepAnswers(true);
    proxy.swallow();
    await leads(second);
    clearInterval(watching);
    assert.equal(both, false);
    assert.equal(first.isLeader, false);
    await kube.apply('Function', 'cut-off', IMAGE);
    await kube.wait('Function', 'cut-off', 'Accepted', 'True Valid');
    proxy.keepAnswers(false);
    proxy.cut();
  });

  it('go on when the API server comes back', async () => {
    const operator = await start();
    await leads(operator);
    await plane.restartApiServer(1500);
    await kube.apply('Function', 'restarted', IMAGE);
    await kube.wait('Function', 'restarted', 'Accepted', 'True Valid', 30_000);
    await leads(operator);
    const outages = operator.lines.filter(line => line.includes('the cluster cannot be followed'));
    assert.equal(outages.length, 1, operator.lines.join('\n'));
  });

  it('wait for an API server that is not there when they start', async () => {
    proxy.turnTo(1);
    const operator = runOperator(plane, { url: `https://127.0.0.1:${proxy.port}` });
    running.push(operator);
    await new Promise(resolve => setTimeout(resolve, 500));
    assert.equal(operator.isLeader, false);
    proxy.turnTo(Number(new URL(plane.url).port));
    await operator.synced;
    await leads(operator);
  });

  it('stop at once when they are told to while they wait', async () => {
    proxy.turnTo(1);
    const operator = runOperator(plane, { url: `https://127.0.0.1:${proxy.port}` });
    await new Promise(resolve => setTimeout(resolve, 300));
    const began = Date.now();
    await operator.close();
    assert.ok(Date.now() - began < 1000);
  });
});
