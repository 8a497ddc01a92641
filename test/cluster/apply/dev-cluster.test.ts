// `tenfold dev --cluster` on a node with real pods: a saved file is running code seconds later,
// logs and mistakes are shown.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { compileAside } from '../../../cli/validate/compile-aside.ts';
import { realWorld } from '../../../core/world.ts';
import { createKubeClient, type KubeClient } from '../../../k8s/api/kube-client.ts';
import { type Operator, startOperator } from '../../../k8s/operator/run-operator.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { collect, startCli } from '../../cli/run-cli.ts';
import { eventually } from '../../eventually.ts';
import { buildTestImages } from '../images.ts';
import { BUILD_AND_START_MS, CRD_FILES, installCrds } from '../installed-crds.ts';
import { findNode } from '../node/shared-node.ts';
import { change, SHOP, writeShop } from './shop.ts';

const shared = findNode();
const NAMESPACE = 'try-out';

const orders = (says: string) =>
  `import { http } from 'tenfold';\nimport { price } from './price.ts';\nexport default http((_, { logger }) => {\n  logger.info('asked for ${says}');\n  return { says: '${says}', price: price(2) };\n});\n`;

if (shared) {
  describe('tenfold dev --cluster', () => {
    let folder: string;
    let operator: Operator;
    let client: KubeClient;
    let child: ChildProcess;
    let output = () => '';

    before(async function () {
      this.timeout(2 * BUILD_AND_START_MS);
      const node = shared.node();
      const images = await buildTestImages();
      node.load(images.function.tar);
      await installCrds(node.client);
      const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
      assert.ok((await node.client.apply(`/api/v1/namespaces/${NAMESPACE}`, space)).status < 300);
      client = createKubeClient(
        { server: node.url, ca: node.ca, namespace: NAMESPACE, token: async () => node.token },
        'test',
      );
      operator = startOperator({
        client,
        world: realWorld,
        log() {},
        identity: realWorld.id(),
        platformNamespace: NAMESPACE,
        namespaces: [NAMESPACE],
        providers: [deploymentProvider],
        functionImage: images.function.name,
        check: compileAside,
      });
      folder = await writeShop({ ...SHOP, 'orders.ts': orders('one') });
      const words = [
        'dev',
        folder,
        '--cluster',
        '--namespace',
        NAMESPACE,
        '--kubeconfig',
        node.kubeconfig,
        '--output',
        'json',
      ];
      child = startCli(words);
      output = collect(child, 'stdout');
      const errors = collect(child, 'stderr');
      child.once('exit', code => {
        if (code !== 0) process.stderr.write(errors());
      });
    });

    after(async () => {
      child?.kill('SIGKILL');
      // Other files have this node, too: the operator lets go of what it holds, and Helm takes over
      // no CRDs that it did not bring.
      const { kubectl } = shared.node();
      try {
        await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=300s']);
        await kubectl(['delete', '-f', CRD_FILES, '--ignore-not-found', '--timeout=300s']);
      } finally {
        await operator?.close();
        await client?.close();
      }
      if (folder) await rm(dirname(folder), { recursive: true, force: true });
    });

    const events = () =>
      output()
        .split('\n')
        .filter(line => line.startsWith('{'))
        .map(line => JSON.parse(line));
    const reloads = () => events().filter(({ event }) => event === 'reloaded');
    /** As a pod of the platform would ask it. */
    const ask = async () => {
      const path = `/api/v1/namespaces/${NAMESPACE}/services/fn-orders:80/proxy/`;
      return (await shared.node().client.request('GET', path)).body;
    };

    it('brings the application there and says when it runs', async () => {
      await eventually(() => reloads().length === 1, 'it runs').catch(error => {
        throw new Error(`${error.message}\n${output()}`);
      });
      await eventually(async () => (await ask()).says === 'one', 'it answers');
    });

    it('shows what functions log', async () => {
      await eventually(
        () => events().some(({ event, text }) => event === 'log' && /asked for one/.test(text)),
        'its log',
      );
    });

    it('has a saved file run within seconds', async () => {
      const began = performance.now();
      await change(folder, { 'orders.ts': orders('two') });
      await eventually(async () => (await ask()).says === 'two', 'the new code answers');
      const took = performance.now() - began;
      await eventually(() => reloads().length === 2, 'it says so');
      console.log(
        `      ${Math.round(took)} ms from the file to its answer; said after ${Math.round(reloads()[1].tookMs)} ms`,
      );
      assert.match(reloads()[1].file, /orders\.ts$/);
    });

    it('shows a mistake with its place, and leaves what runs', async () => {
      await change(folder, { 'price.ts': 'export const price = (count: number => count;\n' });
      const refused = () => events().findLast(({ event }) => event === 'refused');
      await eventually(() => refused() !== undefined, 'it is shown');
      assert.match(refused().problems[0].file, /price\.ts$/);
      assert.equal(refused().problems[0].line, 1);
      assert.equal((await ask()).says, 'two');
      await change(folder, { 'price.ts': 'export const price = (count: number) => count * 10;\n' });
      await eventually(async () => (await ask()).price === 20, 'the mended code answers');
    });

    it('takes away what is in the files no more', async () => {
      await change(folder, { 'app.yaml': SHOP['app.yaml']!.replace(/---\n[^-]*kind: Topic[^-]*/, '') });
      await eventually(
        () =>
          events().some(({ event, kind, action }) => event === 'applied' && kind === 'Topic' && action === 'deleted'),
        'the topic is deleted',
      );
    });

    it('ends on SIGTERM, and what runs goes on', async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
      assert.equal((await ask()).says, 'two');
    });
  });
}
