// Whether who brings applications into a cluster needs every right of
// k8s/rbac/deployer.yaml, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { collect, runCli, startCli } from '../../cli/run-cli.ts';
import { eventually } from '../../eventually.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, installCrds, message } from '../installed-crds.ts';
import { askedBy, grantedTo } from '../operator/operators.ts';
import { change, deployer, letDeploy, writeShop } from './shop.ts';

const allKinds = readFileSync(new URL('../application/all-kinds.yaml', import.meta.url), 'utf8');
const price = (factor: number) => `export default () => ${factor};\n`;

describe('What tenfold apply, dev --cluster and delete ask for', () => {
  let plane: ControlPlane;
  let kubeconfig: string;
  let folder: string;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane({ users: [deployer] });
    await installCrds(plane.client);
    kubeconfig = await letDeploy(plane, 'shop', ['tenfold-deployer', 'tenfold-developer']);
    const code =
      'apiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: price }\nspec: { source: ./price.ts }\n';
    folder = await writeShop({ 'app.yaml': `${allKinds}---\n${code}`, 'price.ts': price(1) });
  });

  after(async () => {
    await plane?.close();
    for (const one of [folder, kubeconfig]) if (one) await rm(dirname(one), { recursive: true, force: true });
  });

  const env = () => ({ env: { KUBECONFIG: kubeconfig } });
  const tenfold = async (...words: string[]) => {
    const { code, stderr } = await runCli(words, env());
    assert.equal(code, 0, stderr);
  };

  it('is what the manifest gives, all of it', async () => {
    // More versions of the code than are kept.
    for (const factor of [2, 3, 4, 5]) {
      await change(folder, { 'price.ts': price(factor) });
      await tenfold('apply', folder, '--prune');
    }
    await runPod();
    const dev = startCli(['dev', folder, '--cluster'], env());
    const errors = collect(dev, 'stderr');
    const ended = new Promise(resolve => dev.once('close', resolve));
    const used = () => [...new Set(askedBy(plane, deployer.name))].toSorted();
    try {
      await eventually(() => used().includes('get /pods/log'), 'it asks for what the pod logs').catch(error => {
        throw new Error(`${error.message}: ${errors()}`);
      });
    } finally {
      dev.kill('SIGTERM');
      await ended;
    }
    await tenfold('delete', folder);
    const refused = plane
      .audit()
      .filter(({ user, responseStatus }) => user.username === deployer.name && responseStatus?.code === 403);
    assert.deepEqual(refused, []);
    assert.deepEqual(used(), [...new Set(grantedTo('deployer'))].toSorted());
  });

  /** As far as an API server knows pods without a kubelet. */
  async function runPod(): Promise<void> {
    const pods = '/api/v1/namespaces/shop/pods/price';
    const metadata = { name: 'price', namespace: 'shop', labels: { 'tenfold.dev/function': 'price' } };
    const spec = { containers: [{ name: 'function', image: 'ghcr.io/acme/price:1' }] };
    const made = await plane.client.apply(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
    assert.ok(made.status < 300, message(made));
    const status = { phase: 'Running' };
    const said = await plane.client.request('PATCH', `${pods}/status`, { status }, 'application/merge-patch+json');
    assert.equal(said.status, 200, message(said));
  }
});
