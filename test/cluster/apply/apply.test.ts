// `tenfold apply` and `tenfold delete` against a real API server, with the rights of
// k8s/rbac/deployer.yaml and no more.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runCli } from '../../cli/run-cli.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, installCrds } from '../installed-crds.ts';
import { change, deployer, letDeploy, SHOP, writeShop } from './shop.ts';

let plane: ControlPlane;
let kubeconfig: string;
let folder: string;

const tenfold = (...words: string[]) => runCli(words, { env: { KUBECONFIG: kubeconfig } });
const get = async (path: string) => (await plane.client.request('GET', path)).body;
const ours = (plural: string) => `/apis/tenfold.dev/v1alpha1/namespaces/shop/${plural}`;
const codes = async () => (await get('/api/v1/namespaces/shop/configmaps?labelSelector=tenfold.dev%2Ffunction')).items;
const rows = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .slice(1)
    .map(line =>
      line
        .split(/\s{3,}/)
        .slice(0, 4)
        .join(' '),
    );

describe('tenfold apply', () => {
  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane({ users: [deployer] });
    await installCrds(plane.client);
    kubeconfig = await letDeploy(plane, 'shop');
    folder = await writeShop();
  });

  after(async () => {
    await plane?.close();
    if (folder) await rm(dirname(folder), { recursive: true, force: true });
    if (kubeconfig) await rm(dirname(kubeconfig), { recursive: true, force: true });
  });

  describeApplied();
  describeChanges();
  it('stores code up to its limit', async () => {
    // What is random is not made smaller.
    const noise = randomBytes(870_000).toString('base64');
    await change(folder, { 'price.ts': `export const price = (count: number) => count + '${noise}'.length;\n` });
    const { code, stderr } = await tenfold('apply', folder);
    assert.equal(code, 0, stderr.slice(0, 1000));
    const name = (await get(ours('functions/orders'))).metadata.annotations['tenfold.dev/source'];
    const map = await get(`/api/v1/namespaces/shop/configmaps/${name}`);
    assert.ok(map.binaryData['function.mjs.gz'].length > 1_160_000);
    await change(folder, SHOP);
  });

  it('writes nothing where a schema breaks readers of a Topic, unless its compatibility is none', async () => {
    const applied = async (type: string, compatibility: string) => {
      const spec = `spec: { compatibility: ${compatibility}, schema: { properties: { cups: { type: ${type} } } } }`;
      await change(folder, { 'app.yaml': SHOP['app.yaml']?.replace('spec: {}', spec) ?? '' });
      const result = await tenfold('apply', folder);
      const { schema } = (await get(ours('topics/ordered'))).spec;
      return { ...result, type: schema?.properties.cups.type };
    };
    const first = await applied('number', 'backward');
    assert.deepEqual([first.code, first.type], [0, 'number'], first.stderr);
    const refused = await applied('integer', 'backward');
    assert.deepEqual([refused.code, refused.type], [1, 'number'], refused.stderr);
    assert.match(refused.stderr, /The change of cups breaks readers of the Topic "ordered"/);
    const wanted = await applied('integer', 'none');
    assert.deepEqual([wanted.code, wanted.type], [0, 'integer'], wanted.stderr);
  });

  it('takes the last fields of a spec out', async () => {
    await change(folder, SHOP);
    const dry = await tenfold('apply', folder, '--dry-run');
    assert.equal(dry.code, 0, dry.stderr);
    assert.equal((await get(ours('topics/ordered'))).spec.compatibility, 'none');
    const { code, stderr } = await tenfold('apply', folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual((await get(ours('topics/ordered'))).spec, {});
    assert.equal((await tenfold('apply', folder)).code, 0);
  });

  it('ends with --wait when nobody makes it ready, and says what is not', async () => {
    const { code, stderr } = await tenfold('apply', folder, '--wait', '--timeout', '1s');
    assert.equal(code, 5);
    assert.match(stderr, /3 of 3 are not ready.*\n {2}Topic ordered: No operator has looked at it yet/);
  });

  it('says what to do where the namespace is missing, where rights are, and where no cluster is', async () => {
    const forbidden = await tenfold('apply', folder, '--namespace', 'default');
    assert.equal(forbidden.code, 4);
    assert.match(forbidden.stderr, /dora.* cannot list .*\nNext: see which rights/);
    const nowhere = await runCli(['apply', folder], { env: { KUBECONFIG: '/does/not/exist' } });
    assert.equal(nowhere.code, 3);
    assert.match(nowhere.stderr, /Next: name a kubeconfig/);
  });

  it('takes the application out again with tenfold delete', async () => {
    const { code, stdout, stderr } = await tenfold('delete', folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual(rows(stdout), [
      'Api shop shop deleted',
      'Topic shop ordered deleted',
      'Function shop orders deleted',
    ]);
    assert.equal((await tenfold('delete', folder)).code, 3);
  });
});

function describeApplied(): void {
  it('changes nothing with --dry-run, and asks the server', async () => {
    const { code, stdout, stderr } = await tenfold('apply', folder, '--dry-run');
    assert.equal(code, 0, stderr);
    assert.deepEqual(rows(stdout), [
      'Topic shop ordered created',
      'Function shop orders created',
      'Api shop shop created',
    ]);
    assert.deepEqual((await get(ours('functions'))).items, []);
    assert.deepEqual(await codes(), []);
  });

  it('brings resources with code and files into the namespace of the context', async () => {
    const { code, stdout, stderr } = await tenfold('apply', folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual(rows(stdout), [
      'Topic shop ordered created',
      'Function shop orders created',
      'Api shop shop created',
    ]);
    const fn = await get(ours('functions/orders'));
    assert.deepEqual(fn.metadata.labels, { team: 'bar', 'tenfold.dev/application': 'corner-shop' });
    assert.equal(fn.spec.timeout, '5s');
    const [map, ...others] = await codes();
    assert.deepEqual(others, []);
    assert.equal(fn.metadata.annotations['tenfold.dev/source'], map.metadata.name);
    assert.match(map.metadata.name, /^fn-orders-source-[0-9a-f]{10}$/);
    assert.equal(map.immutable, true);
    assert.equal(map.metadata.ownerReferences[0].uid, fn.metadata.uid);
    const module = gunzipSync(Buffer.from(map.binaryData['function.mjs.gz'], 'base64')).toString();
    assert.match(module, /count \* 3/);
    assert.match(module, /from "tenfold"/);
    const api = await get(ours('apis/shop'));
    assert.equal(api.metadata.annotations['tenfold.dev/graphql-schema'], SHOP['shop.graphql']);
    assert.deepEqual(
      fn.metadata.managedFields.map(({ manager }: { manager: string }) => manager),
      ['tenfold-apply'],
    );
  });

  it('writes nothing that is there already', async () => {
    const from = plane.audit().length;
    const { stdout, stderr } = await tenfold('apply', folder);
    assert.deepEqual(
      rows(stdout),
      ['Topic shop ordered unchanged', 'Function shop orders unchanged', 'Api shop shop unchanged'],
      stderr,
    );
    const maps = plane
      .audit()
      .slice(from)
      .filter(({ objectRef }) => objectRef?.resource === 'configmaps');
    assert.deepEqual(new Set(maps.map(({ verb }) => verb)), new Set(['list']));
  });

  it('stores changed code beside the code before, and keeps three', async () => {
    const seen = new Set<string>();
    for (const factor of [4, 5, 6, 7]) {
      // Ages are compared by the second.
      await new Promise(resolve => setTimeout(resolve, 1001));
      await change(folder, { 'price.ts': `export const price = (count: number): number => count * ${factor};\n` });
      const { code, stdout, stderr } = await tenfold('apply', folder);
      assert.equal(code, 0, stderr);
      assert.ok(rows(stdout).includes('Function shop orders configured'), stdout);
      seen.add((await get(ours('functions/orders'))).metadata.annotations['tenfold.dev/source']);
    }
    const names = (await codes()).map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort();
    assert.deepEqual(names, [...seen].slice(-3).sort());
  });

  it('gives code to the Function that is there now when one of that name was deleted', async () => {
    const [before] = await codes();
    await plane.client.request('DELETE', ours('functions/orders'));
    const { code, stderr } = await tenfold('apply', folder);
    assert.equal(code, 0, stderr);
    const fn = await get(ours('functions/orders'));
    const name = fn.metadata.annotations['tenfold.dev/source'];
    const map = await get(`/api/v1/namespaces/shop/configmaps/${name}`);
    assert.notEqual(before.metadata.ownerReferences[0].uid, fn.metadata.uid);
    assert.deepEqual(
      map.metadata.ownerReferences.map(({ uid }: { uid: string }) => uid),
      [fn.metadata.uid],
    );
  });
}

function describeChanges(): void {
  it('leaves fields to whoever else manages them, says so with the place in the file, and takes them with --force-conflicts', async () => {
    const patch = {
      apiVersion: 'tenfold.dev/v1alpha1',
      kind: 'Function',
      metadata: { name: 'orders' },
      spec: { timeout: '7s' },
    };
    await plane.client.apply(ours('functions/orders'), patch);
    const { code, stderr } = await tenfold('apply', folder);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /app\.yaml:6:\d+ error: .*conflict.*\.spec\.timeout/);
    assert.match(stderr, /--force-conflicts/);
    assert.equal((await tenfold('apply', folder, '--force-conflicts')).code, 0);
    assert.equal((await get(ours('functions/orders'))).spec.timeout, '5s');
  });

  it('says what is wrong with code, at its place, and applies nothing', async () => {
    await change(folder, {
      'price.ts': 'export const price = (count: number: number => count;\n',
      'app.yaml': `${SHOP['app.yaml']}---\napiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: never }\nspec: {}\n`,
    });
    const { code, stdout, stderr } = await tenfold('apply', folder);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /price\.ts:1:36 error: /);
    assert.match(stderr, /1 error: nothing was applied/);
    assert.equal((await get(ours('topics/never'))).code, 404);
    await change(folder, SHOP);
  });

  it('deletes with --prune what the application consists of no more, and nothing of others', async () => {
    const topic = (name: string, application?: string) => ({
      apiVersion: 'tenfold.dev/v1alpha1',
      kind: 'Topic',
      metadata: {
        name,
        namespace: 'shop',
        ...(application ? { labels: { 'tenfold.dev/application': application } } : {}),
      },
      spec: {},
    });
    for (const [name, application] of [['of-nobody'], ['of-others', 'others'], ['old', 'corner-shop']] as const)
      await plane.client.apply(ours(`topics/${name}`), topic(name, application));
    const dry = await tenfold('apply', folder, '--prune', '--dry-run');
    assert.ok(rows(dry.stdout).includes('Topic shop old deleted'), dry.stdout + dry.stderr);
    assert.equal((await get(ours('topics/old'))).metadata.name, 'old');
    const { code, stdout, stderr } = await tenfold('apply', folder, '--prune');
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      rows(stdout).filter(row => row.endsWith('deleted')),
      ['Topic shop old deleted'],
    );
    const left = (await get(ours('topics'))).items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    assert.deepEqual(left, ['of-nobody', 'of-others', 'ordered']);
  });
}
