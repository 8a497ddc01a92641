// A function whose event loop is blocked, in a real pod: the kubelet restarts it, and one that
// computes for seconds is left alone.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../eventually.ts';
import { call, installPlatform, type Platform, tenfold, whatIsWrong } from './platform.ts';
import { findNode } from './shared-node.ts';

const HANGING = fileURLToPath(new URL('../../fixtures/hanging', import.meta.url));
const WITHIN_MS = 10 * 60_000;

const shared = findNode();
if (shared) {
  describe('A function that hangs on a node', function () {
    this.timeout(2 * WITHIN_MS);
    const namespace = 'hanging';
    let platform: Platform;
    let address: string;
    const kubectl = (...args: string[]) => shared.node().kubectl(args);
    const restarts = async () => {
      const pods = ['get', 'pods', '--selector=tenfold.dev/function=hanging', `--namespace=${namespace}`];
      return Number(await kubectl(...pods, '--output=jsonpath={.items[0].status.containerStatuses[0].restartCount}'));
    };
    const ask = async (path: string) => (await call('GET', `${address}/hanging/${path}`)).status;

    before(async () => {
      platform = await installPlatform(shared.node(), {});
      address = await platform.address();
      await kubectl('create', 'namespace', namespace);
      await tenfold(shared.node(), ['apply', HANGING, '--namespace', namespace, '--wait', '--timeout', '300s']);
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') console.error(await whatIsWrong(shared.node(), namespace));
    });
    after(() => kubectl('delete', 'namespace', namespace, platform.namespace, '--ignore-not-found', '--timeout=300s'));

    it('is left alone while it computes for some seconds', async () => {
      assert.equal(await ask('compute'), 200);
      assert.equal(await ask('well'), 200);
      assert.equal(await restarts(), 0);
    });

    it('is restarted when it hangs for ever, and answers again', async () => {
      assert.equal(await ask('hang'), 504);
      await eventually(async () => (await restarts()) > 0, 'the kubelet restarts it', WITHIN_MS);
      await eventually(async () => (await ask('well')) === 200, 'it answers again', WITHIN_MS);
    });
  });
}
