// Functions whose Secrets and ConfigMaps change: restarted where the namespace allows the operator
// to see that, and nowhere else.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { startInformer } from '../../../k8s/api/informer.ts';
import { createOutages } from '../../../k8s/api/outages.ts';
import { SECRETS } from '../../../k8s/operator/watch/settings-sources.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import {
  asked,
  clientAs,
  installRestarts,
  kubectl,
  type RunningOperator,
  rbacOf,
  runOperator,
  startPlane,
} from './operators.ts';

const IMAGE = 'ghcr.io/acme/menu:1';
const ENV = [
  { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'database', key: 'url' } } },
  { name: 'FLAGS', valueFrom: { configMapKeyRef: { name: 'flags', key: 'all' } } },
];

describe('A Function whose settings change', () => {
  let plane: ControlPlane;
  let operator: RunningOperator;
  let kube: ReturnType<typeof kubectl>;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await installRestarts(plane);
    kube = kubectl(plane);
    await put('secrets', 'database', { stringData: { url: 'postgres://one' } });
    await put('configmaps', 'flags', { data: { all: 'none' } });
    // The other one has not been asked.
    operator = runOperator(plane, { restartNamespaces: ['default', 'kube-system'] });
    await operator.synced;
  });

  after(async () => {
    await operator?.close();
    await plane?.close();
  });

  async function put(plural: 'secrets' | 'configmaps', name: string, rest: object): Promise<void> {
    const kind = plural === 'secrets' ? 'Secret' : 'ConfigMap';
    const object = { apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...rest };
    const answer = await plane.client.apply(`/api/v1/namespaces/default/${plural}/${name}`, object);
    assert.ok(answer.status < 300, message(answer));
  }
  const versionOf = async (name: string, namespace = 'default'): Promise<string | undefined> => {
    const { spec } = await kube.get(`/apis/apps/v1/namespaces/${namespace}/deployments/fn-${name}`);
    return spec?.template.metadata.annotations?.['tenfold.dev/settings'];
  };
  const isMade = async (name: string) =>
    (await kube.get(`/apis/apps/v1/namespaces/default/deployments/fn-${name}`)).spec !== undefined;

  it('has pods that say which versions of them they began with', async () => {
    await kube.apply('Function', 'menu', { image: IMAGE, env: ENV });
    await kube.apply('Function', 'plain', { image: IMAGE, env: [{ name: 'A', value: 'b' }] });
    await eventually(async () => (await isMade('menu')) && (await isMade('plain')), 'both are made');
    assert.match((await versionOf('menu')) ?? '', /^[0-9a-f]{16}$/);
    assert.equal(await versionOf('plain'), undefined);
  });

  const changes: readonly ['secrets' | 'configmaps', string, object][] = [
    ['secrets', 'database', { stringData: { url: 'postgres://two' } }],
    ['configmaps', 'flags', { data: { all: 'some' } }],
  ];
  for (const [plural, name, rest] of changes) {
    it(`is restarted when one of its ${plural} changes`, async () => {
      const before = await versionOf('menu');
      await put(plural, name, rest);
      await eventually(async () => (await versionOf('menu')) !== before, 'other pods');
    });
  }

  it('is restarted when one of them is made anew, and stays when others change', async () => {
    const before = await versionOf('menu');
    await put('secrets', 'other', { stringData: { a: 'b' } });
    await plane.client.request('DELETE', '/api/v1/namespaces/default/secrets/database');
    await put('secrets', 'database', { stringData: { url: 'postgres://two' } });
    await eventually(async () => (await versionOf('menu')) !== before, 'other pods');
    await new Promise(resolve => setTimeout(resolve, 300));
    const settled = await versionOf('menu');
    await put('secrets', 'other', { stringData: { a: 'c' } });
    await put('configmaps', 'others', { data: {} });
    await new Promise(resolve => setTimeout(resolve, 500));
    assert.equal(await versionOf('menu'), settled);
  });

  it('stays as it is when an operator starts anew', async () => {
    const before = await versionOf('menu');
    await operator.close();
    operator = runOperator(plane, { restartNamespaces: ['default', 'kube-system'] });
    await operator.synced;
    await eventually(() => operator.isLeader, 'it leads');
    await new Promise(resolve => setTimeout(resolve, 500));
    assert.equal(await versionOf('menu'), before);
  });

  it('is left alone where the namespace does not allow it, and that is said', () => {
    const said = operator.lines.filter(line => line.includes('are not restarted when their settings change'));
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /kube-system.*forbidden/);
  });

  it('is never told what is in them: their names and versions alone are asked for', async () => {
    const client = clientAs(plane, 'operator');
    const secrets = startInformer({
      client,
      world: realWorld,
      outages: createOutages(() => {}),
      resource: SECRETS,
      namespace: 'default',
      metadataOnly: true,
      events: { upsert() {}, remove() {} },
    });
    await secrets.synced;
    await put('secrets', 'late', { stringData: { a: 'hush-hush' } });
    await eventually(() => secrets.objects.has('default/late'), 'it is told of');
    for (const object of secrets.objects.values()) {
      assert.deepEqual(Object.keys(object).toSorted(), ['apiVersion', 'kind', 'metadata']);
      assert.deepEqual(Object.keys(object.metadata).toSorted(), ['name', 'namespace', 'resourceVersion', 'uid']);
    }
    await secrets.close();
    await client.close();
  });

  it('takes every right that is given for it, and no other', async () => {
    await operator.close();
    const used = new Set(asked(plane, 'operator').filter(call => /\/(secrets|configmaps)$/.test(call)));
    const [role] = rbacOf('operator-restarts');
    assert.deepEqual(role?.['rules'], [
      { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['list', 'watch'] },
    ]);
    assert.deepEqual([...used].toSorted(), [
      'list /configmaps',
      'list /secrets',
      'watch /configmaps',
      'watch /secrets',
    ]);
  });
});
