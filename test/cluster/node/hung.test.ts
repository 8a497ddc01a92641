// A function whose event loop is blocked, in a real pod: the kubelet restarts it, and one that
// computes for seconds is left alone. By a Deployment, and at night (TENFOLD_NIGHTLY) by real
// Knative Serving.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../eventually.ts';
import { installKnative, type Knative } from './knative.ts';
import { call, installPlatform, type Platform, tenfold, whatIsWrong } from './platform.ts';
import { findNode, type SharedNode } from './shared-node.ts';

const HANGING = fileURLToPath(new URL('../../fixtures/hanging', import.meta.url));
const WITHIN_MS = 10 * 60_000;
/** Knative is built from source at the first run. */
const INSTALL_MS = 3_600_000;

/** The labels of its pod, by what makes that. */
const PODS = { deployment: 'tenfold.dev/function=hanging', knative: 'serving.knative.dev/service=kn-hanging' };
type Provider = keyof typeof PODS;

const shared = findNode();
if (shared) {
  describeHanging(shared, 'deployment');
  if (process.env['TENFOLD_NIGHTLY']) describeHanging(shared, 'knative');
}

function describeHanging(shared: SharedNode, provider: Provider): void {
  describe(`A function that hangs on a node, by ${provider}`, function () {
    this.timeout(2 * WITHIN_MS);
    const namespace = `hanging-by-${provider}`;
    let knative: Knative | undefined;
    let platform: Platform;
    let address: string;
    const kubectl = (...args: string[]) => shared.node().kubectl(args);
    const told = (path: string) =>
      kubectl('get', 'pods', `--namespace=${namespace}`, `--selector=${PODS[provider]}`, `--output=jsonpath=${path}`);
    /** Of the container that answers; that of Knative beside it does not end. */
    const restarts = async () => {
      const counts = await told('{.items[0].status.containerStatuses[?(@.name!="queue-proxy")].restartCount}');
      return counts === '' ? assert.fail('it has no pod') : Number(counts);
    };
    const ask = async (path: string) => (await call('GET', `${address}/${path}`)).status;
    const degraded = () =>
      kubectl(
        ...['get', 'functions.tenfold.dev', 'stalling', `--namespace=${namespace}`],
        '--output=jsonpath={.status.conditions[?(@.type=="Degraded")].status}',
      );

    before(async function () {
      this.timeout(INSTALL_MS);
      if (provider === 'knative') knative = await installKnative(shared.node());
      platform = await installPlatform(shared.node(), {});
      address = await platform.address();
      await kubectl('create', 'namespace', namespace);
      await tenfold(shared.node(), ['apply', HANGING, '--namespace', namespace, '--wait', '--timeout', '300s']);
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') console.error(await whatIsWrong(shared.node(), namespace));
    });
    after(async () => {
      await kubectl('delete', 'namespace', namespace, platform.namespace, '--ignore-not-found', '--timeout=300s');
      await knative?.remove();
    });

    it('is left alone while it computes for some seconds', async () => {
      assert.equal(await ask('hanging/compute'), 200);
      assert.equal(await ask('hanging/well'), 200);
      assert.equal(await restarts(), 0);
    });

    it('leaves the rotation and is restarted when it hangs for ever, and answers again', async () => {
      assert.equal(await ask('hanging/hang'), 504);
      const isOut = async () => (await told('{.items[0].status.conditions[?(@.type=="Ready")].status}')) === 'False';
      await eventually(isOut, 'no call is sent to it any more', WITHIN_MS);
      await eventually(async () => (await restarts()) > 0, 'the kubelet restarts it', WITHIN_MS);
      await eventually(async () => (await ask('hanging/well')) === 200, 'it answers again', WITHIN_MS);
    });

    if (provider === 'deployment')
      it('is degraded while it answers its health checks and lets calls time out, and no longer once it answers', async () => {
        assert.equal(await ask('stalling/well'), 200);
        assert.equal(await degraded(), 'False');
        const isDegraded = async () => {
          assert.equal(await ask('stalling/stall'), 504);
          return (await degraded()) === 'True';
        };
        await eventually(isDegraded, 'its conditions say so', WITHIN_MS);
        const isWell = async () => (await ask('stalling/well')) === 200 && (await degraded()) === 'False';
        await eventually(isWell, 'its conditions say that it is well', WITHIN_MS);
      });
  });
}
