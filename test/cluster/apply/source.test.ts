// The code of a Function on its way through a cluster: `tenfold apply`, the operator, and
// the pods that are asked for.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { compileAside } from '../../../cli/validate/compile-aside.ts';
import { read } from '../../../k8s/api/kube-object.ts';
import { runCli } from '../../cli/run-cli.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, pathOf } from '../installed-crds.ts';
import {
  CONTROLLERS,
  kubectl,
  type RunningOperator,
  runOperator,
  startPlane,
  withAccounts,
} from '../operator/operators.ts';
import { change, deployer, letDeploy, writeShop } from './shop.ts';

const RUNTIME = 'dev.local/tenfold/function:test';

describe('Code of a Function in a cluster', () => {
  let plane: ControlPlane;
  let operator: RunningOperator;
  let kubeconfig: string;
  let folder: string;
  let over = false;
  let kubelet: Promise<void>;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane({ users: [...(withAccounts.users ?? []), deployer] });
    await plane.startControllers(CONTROLLERS);
    operator = runOperator(plane, { functionImage: RUNTIME, check: compileAside });
    kubeconfig = await letDeploy(plane, 'default');
    folder = await writeShop();
    const { makePodsReady } = kubectl(plane);
    kubelet = (async () => {
      while (!over) {
        await makePodsReady('orders');
        await pause(100);
      }
    })();
  });

  after(async () => {
    over = true;
    await kubelet;
    await operator?.close();
    await plane?.close();
    if (folder) await rm(dirname(folder), { recursive: true, force: true });
    if (kubeconfig) await rm(dirname(kubeconfig), { recursive: true, force: true });
  });

  const tenfold = (...words: string[]) => runCli(words, { env: { KUBECONFIG: kubeconfig } });
  const pods = async () =>
    (await kubectl(plane).get('/apis/apps/v1/namespaces/default/deployments/fn-orders')).spec.template;
  const annotation = async () =>
    (await kubectl(plane).get(pathOf('Function', 'orders'))).metadata.annotations['tenfold.dev/source'];

  it('is mounted into pods of the runtime’s image, and --wait waits until they run', async () => {
    const { code, stdout, stderr } = await tenfold('apply', folder, '--wait', '--timeout', '300s');
    assert.equal(code, 0, stderr + operator.lines.join('\n'));
    assert.match(stdout, /^Function +default +orders +created +yes +[0-9a-f]{10}$/m);
    const template = await pods();
    const [container] = template.spec.containers;
    assert.equal(container.image, RUNTIME);
    const volume = template.spec.volumes.find((one: { name: string }) => one.name === 'code');
    assert.equal(volume.configMap.name, await annotation());
    const fn = await kubectl(plane).get(pathOf('Function', 'orders'));
    assert.equal(fn.status.source, await annotation());
  });

  it('makes the Api with its schema valid, which elsewhere is a file', async () => {
    assert.equal(await kubectl(plane).wait('Api', 'shop', 'Accepted', 'True Valid'), '');
  });

  it('replaces the pods when it changes, and --wait waits for those', async () => {
    const before = await annotation();
    await change(folder, { 'price.ts': 'export const price = (count: number): number => count * 33;\n' });
    const { code, stderr } = await tenfold('apply', folder, '--wait', '--timeout', '300s');
    assert.equal(code, 0, stderr);
    const after = await annotation();
    assert.notEqual(after, before);
    const { items } = await kubectl(plane).get(
      '/api/v1/namespaces/default/pods?labelSelector=tenfold.dev%2Ffunction%3Dorders',
    );
    const running = items.filter(
      ({ metadata }: { metadata: object }) => read(metadata, 'deletionTimestamp') === undefined,
    );
    const codes = running.map(
      (pod: { spec: { volumes: { name: string; configMap?: { name: string } }[] } }) =>
        pod.spec.volumes.find(({ name }) => name === 'code')?.configMap?.name,
    );
    assert.deepEqual([...new Set(codes)], [after]);
  });

  it('goes with its Function', async () => {
    assert.equal((await tenfold('delete', folder)).code, 0);
    await eventually(
      async () =>
        (await kubectl(plane).get('/api/v1/namespaces/default/configmaps?labelSelector=tenfold.dev%2Ffunction')).items
          .length === 0,
      'no code is left',
    );
  });
});
