// Functions that do not start, in real pods: what a kubelet tells of an image that it cannot pull
// and of a process that ends, and that `tenfold apply --wait` ends then with the cause.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../eventually.ts';
import { call, installPlatform, type Platform, tenfold, whatIsWrong } from './platform.ts';
import { findNode } from './shared-node.ts';

const BROKEN = fileURLToPath(new URL('../../fixtures/does-not-start', import.meta.url));
const WITHIN_MS = 10 * 60_000;
/** Longer than a start that fails takes to be told of, and than a Deployment waits for one. */
const PATIENCE = '900s';

const shared = findNode();
if (shared) {
  describe('A Function that does not start on a node', function () {
    this.timeout(2 * WITHIN_MS);
    const namespace = 'not-starting';
    let platform: Platform;
    const kubectl = (...args: string[]) => shared.node().kubectl(args);
    const conditionsOf = async (name: string) => {
      const found = await kubectl('get', 'function', name, `--namespace=${namespace}`, '--output=json');
      const conditions: {
        type: string;
        status: string;
        reason: string;
        message: string;
        lastTransitionTime: string;
      }[] = JSON.parse(found).status?.conditions ?? [];
      return Object.fromEntries(conditions.map(one => [one.type, one]));
    };

    before(async () => {
      platform = await installPlatform(shared.node(), {});
      await kubectl('create', 'namespace', namespace);
      await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') console.error(await whatIsWrong(shared.node(), namespace));
    });
    after(() => kubectl('delete', 'namespace', namespace, platform.namespace, '--ignore-not-found', '--timeout=300s'));

    it('ends "apply --wait" with what it logged, and not with the end of the wait', async () => {
      const began = performance.now();
      const args = ['apply', BROKEN, '--namespace', namespace, '--wait', '--timeout', PATIENCE];
      await assert.rejects(tenfold(shared.node(), args), (error: Error) => {
        assert.match(error.message, /Function broken: 0 of 1 instance is available\. Pod fn-broken-/);
        assert.match(error.message, /ended 2 times \(CrashLoopBackOff\), last with exit code \d+\. Its last log lines/);
        assert.match(error.message, /MENU_FILE says where the menu is, and is not set/);
        assert.match(error.message, /Api broken: A Function that it leads to cannot answer: broken/);
        return true;
      });
      assert.ok(performance.now() - began < WITHIN_MS);
      const { Stalled: stalled, Ready: ready } = await conditionsOf('broken');
      assert.deepEqual([stalled?.status, ready?.reason], ['True', 'Unavailable']);
    });

    it('is told to its callers at once, without what it logged', async () => {
      const url = `${await platform.address()}/broken`;
      await eventually(async () => (await call('GET', url)).status === 503, 'the gateway knows', WITHIN_MS);
      assert.doesNotMatch(JSON.stringify((await call('GET', url)).body), /MENU_FILE|CrashLoop/);
    });

    it('answers once it has what it lacked', async () => {
      const env = [{ name: 'MENU_FILE', value: '/menu' }];
      const patch = JSON.stringify({ spec: { env } });
      await kubectl('patch', 'function/broken', `--namespace=${namespace}`, '--type=merge', `--patch=${patch}`);
      const wait = ['wait', '--for=condition=Ready', 'function/broken', `--namespace=${namespace}`, '--timeout=600s'];
      await kubectl(...wait);
      assert.equal((await conditionsOf('broken'))['Stalled'], undefined);
    });

    it('tells both versions with their instances while a newer one does not come up, and the earlier one answers', async () => {
      const patch = JSON.stringify({ spec: { env: [] } });
      await kubectl('patch', 'function/broken', `--namespace=${namespace}`, '--type=merge', `--patch=${patch}`);
      const stalled = async () => (await conditionsOf('broken'))['Stalled']?.status === 'True';
      await eventually(stalled, 'the newer version is known not to come up', WITHIN_MS);
      const told = await kubectl('get', 'function', 'broken', `--namespace=${namespace}`, '--output=json');
      assert.deepEqual(JSON.parse(told).status.versions, [
        { newest: true, replicas: 1 },
        { newest: false, replicas: 1 },
      ]);
      assert.equal((await call('GET', `${await platform.address()}/broken`)).status, 200);
    });

    it('says that its image cannot be pulled, with the words of the registry or the kubelet', async () => {
      const fn = {
        apiVersion: 'tenfold.dev/v1alpha1',
        kind: 'Function',
        metadata: { name: 'unpulled', namespace },
        spec: { image: 'registry.invalid/menu:1', scale: { replicas: 1 } },
      };
      await shared.node().kubectl(['apply', '-f', '-'], JSON.stringify(fn));
      const stalled = async () => (await conditionsOf('unpulled'))['Stalled']?.status === 'True';
      await eventually(stalled, 'it is stalled', WITHIN_MS);
      const { Ready: ready } = await conditionsOf('unpulled');
      assert.equal(ready?.reason, 'Unavailable');
      assert.match(ready?.message ?? '', /the image cannot be pulled \(ImagePullBackOff\): .*registry\.invalid/);
    });
  });
}
