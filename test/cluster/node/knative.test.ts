// Functions by real Knative Serving: from nothing to an answer, to zero and back, new Revisions
// while people call, splits between them, canaries, and nothing left behind.
// For the night (TENFOLD_NIGHTLY): four minutes, and some more where Knative has to be built first.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../eventually.ts';
import { moreOf, onlyBy, whileCalling } from './callers.ts';
import { FUNCTION, greeterIn, SERVICE } from './greeter.ts';
import { installKnative, type Knative } from './knative.ts';
import { call, installPlatform, type Platform, tenfold, whatIsWrong } from './platform.ts';
import { findNode } from './shared-node.ts';

const GREETER = fileURLToPath(new URL('../../fixtures/greeter', import.meta.url));
/** Knative is built from source at the first run. */
const INSTALL_MS = 3_600_000;
/** Knative sees that nobody calls, keeps the last pod a while, and drains it half a minute. */
const ASLEEP_WITHIN_MS = 150_000;
/**
 * What may go wrong when an address begins or ceases to lead anywhere takes
 * milliseconds: it is met now and then.
 */
const MOVES = 3;

const shared = process.env['TENFOLD_NIGHTLY'] ? findNode() : undefined;
const node = () => (shared ?? assert.fail('There is no node.')).node();
const namespace = 'knative-shop';
let knative: Knative;
let platform: Platform;
let address: string;
const greeter = greeterIn(namespace, () => node());
const { kubectl, get, patch, become, ready, conditionOf } = greeter;
const version = async (path = '/version') => (await call('GET', address + path)).body.version;
const listed = async (...what: string[]) => {
  const names = await kubectl('get', ...what, '--output=name');
  return names.split('\n').filter(name => name !== '');
};
const pods = () => listed('pods', '--selector=serving.knative.dev/service=kn-greeter');
/** What the operator made for a provider. */
const made = (provider: string) =>
  listed(
    'services.serving.knative.dev,deployments,services,networkpolicies',
    `--selector=tenfold.dev/provider=${provider}`,
  );
const sleeps = async () => (await get(FUNCTION)).status.replicas === 0 && (await pods()).length === 0;
/**
 * Seconds from now on, as the Deployment of a Revision shows once Knative has
 * looked at its configuration.
 */
const givesUpAfter = async (seconds: number) => {
  const data = JSON.stringify({ data: { 'progress-deadline': `${seconds}s` } });
  const configuration = ['config-deployment', '--namespace=knative-serving', '--type=merge', `--patch=${data}`];
  await node().kubectl(['patch', 'configmap', ...configuration]);
  const isSet = async () =>
    (await get('deployment/kn-greeter-00003-deployment')).spec.progressDeadlineSeconds === seconds;
  await eventually(isSet, `Knative gives Revisions up after ${seconds} s`);
};

if (shared) {
  describe('A Function by Knative on a node', () => {
    before(async function () {
      this.timeout(INSTALL_MS);
      knative = await installKnative(node());
      platform = await installPlatform(node());
      address = await platform.address();
      await node().kubectl(['create', 'namespace', namespace]);
      await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
    });

    afterEach(async function () {
      if (this.currentTest?.state !== 'failed') return;
      for (const one of [platform.namespace, namespace]) console.error(await whatIsWrong(node(), one));
      const kinds = 'services.serving.knative.dev,revisions,podautoscalers,ingresses.networking.internal.knative.dev';
      console.error(await kubectl('get', kinds, '--output=wide').catch(String));
      console.error(await kubectl('get', FUNCTION, SERVICE, '--output=yaml').catch(String));
    });

    after(async () => {
      const remove = (name: string) =>
        node().kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=300s']);
      await remove(namespace);
      await platform?.uninstall();
      if (platform) await remove(platform.namespace);
      await knative?.remove();
    });

    describeRevisions();
    describeFailures();
    describeCanaries();
    for (let time = 1; time <= MOVES; time++)
      it(`moves to a Deployment and back without a failed call (${time})`, async () => {
        await whileCalling(`${address}/version`, async callers => {
          await patch(FUNCTION, { provider: 'deployment' });
          const moved = async () => (await get(FUNCTION)).status.url === `http://fn-greeter.${namespace}.svc`;
          await eventually(moved, 'it is a Deployment');
          await eventually(async () => (await made('knative')).length === 0, 'no Knative Service of it is left');
          await moreOf(callers, 'six', 40);
          await patch(FUNCTION, { provider: 'knative' });
          const back = async () => /kn-greeter/.test((await get(FUNCTION)).status.url);
          await eventually(back, 'it is by Knative again');
          await eventually(async () => (await made('deployment')).length === 0, 'no Deployment of it is left');
          await moreOf(callers, 'six', 40);
        });
      });

    it('is gone when it is deleted, with all that Knative made of it', async () => {
      await kubectl('delete', 'functions.tenfold.dev', 'greeter', 'canary');
      const kinds = (await kubectl('api-resources', '--namespaced', '--verbs=list', '--output=name'))
        .trim()
        .split('\n');
      const kept = /^(events|events\.events\.k8s\.io|pods\.metrics\.k8s\.io)$/;
      let left: readonly string[] = [];
      const gone = async () => {
        const all = await listed(kinds.filter(kind => !kept.test(kind)).join(','));
        left = all.filter(name => /greeter/.test(name) && name !== 'api.tenfold.dev/greeter');
        return left.length === 0;
      };
      await eventually(gone, 'nothing of it is left').catch(error => {
        throw new Error(`${error.message}: there is ${left.join(', ')}`);
      });
    });
  });
}

function describeRevisions(): void {
  it('is run by it without being told to, and answers through the gateway', async () => {
    const began = performance.now();
    await tenfold(node(), ['apply', GREETER, '--namespace', namespace, '--wait', '--timeout', '300s']);
    await eventually(async () => (await version()) === 'one', 'it answers');
    console.log(`      first answer ${Math.round(performance.now() - began)} ms after tenfold apply began`);
    const { status } = await get(FUNCTION);
    assert.equal(status.url, `http://kn-greeter.${namespace}.svc.cluster.local`);
    assert.equal((await get(SERVICE)).status.latestReadyRevisionName, 'kn-greeter-00001');
    assert.deepEqual(await made('deployment'), []);
  });

  it('goes to zero when nobody calls, stays ready, and comes back for whoever does', async () => {
    await eventually(sleeps, 'it sleeps', ASLEEP_WITHIN_MS);
    assert.match((await conditionOf('Ready')).message, /the next call starts one/);
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('GET', `${address}/version`)));
    console.log(`      20 answers ${Math.round(performance.now() - began)} ms after the calls that woke it`);
    assert.deepEqual(new Set(answers.map(({ status, body }) => `${status} ${body.version}`)), new Set(['200 one']));
  });

  it('becomes a new Revision without a failed call', async () => {
    await whileCalling(`${address}/version`, async callers => {
      await moreOf(callers, 'one', 20);
      await become('two');
      await moreOf(callers, 'two', 20);
      await ready(SERVICE);
      await onlyBy(callers, 'two', 'one');
    });
  });

  it('keeps the split that somebody makes between its Revisions, and a tag leads to one of them', async () => {
    const stable = { revisionName: 'kn-greeter-00002', tag: 'stable' };
    const canary = { latestRevision: true, tag: 'canary' };
    const split = (percent: number) =>
      patch(SERVICE, {
        traffic: [
          { ...stable, percent: 100 - percent },
          { ...canary, percent },
        ],
      });
    await whileCalling(`${address}/version`, async callers => {
      await split(0);
      await ready(SERVICE);
      await become('three');
      await node().kubectl(['apply', `--namespace=${namespace}`, '-f', '-'], greeter.wayToCanary);
      await eventually(async () => (await version('/canary')) === 'three', 'its tag leads to it');
      assert.equal(callers.answered('three'), 0);
      await split(50);
      await moreOf(callers, 'three', 20);
      await moreOf(callers, 'two', 20);
      const isTold = async () =>
        /50% kn-greeter-00002, 50% kn-greeter-00003/.test((await conditionOf('Ready')).message);
      await eventually(isTold, 'the split is in its status');
      await patch(SERVICE, { traffic: [{ latestRevision: true, percent: 100 }] });
      await ready(SERVICE);
      await onlyBy(callers, 'three', 'two');
    });
  });
}

function describeFailures(): void {
  it('goes on answering when its new Revision does not start, and says so once Knative gives it up', async () => {
    // As Knative comes it takes ten minutes.
    await givesUpAfter(30);
    await whileCalling(`${address}/version`, async callers => {
      await patch(FUNCTION, { env: [{ name: 'NODE_OPTIONS', value: '--no-such-option' }] });
      const isTold = async () => {
        const stalled = await conditionOf('Stalled');
        return /^Knative says: .*kn-greeter-00003 still answers/s.test(stalled?.message ?? '');
      };
      await eventually(isTold, 'its status says that it does not start');
      assert.equal((await conditionOf('Ready')).status, 'True');
      await moreOf(callers, 'three', 20);
      await givesUpAfter(600);
      await become('four');
      await moreOf(callers, 'four', 20);
    });
    await ready();
  });

  it('says in the words of Knative what that refuses', async () => {
    await patch(FUNCTION, { timeout: '15m' });
    const isTold = async () => {
      const { status, reason, message } = await conditionOf('Ready');
      return status === 'False' && reason === 'Refused' && /expected 0 <= 900 <= 600/.test(message);
    };
    await eventually(isTold, 'its status says why it is refused');
    assert.equal(await version(), 'four');
    await patch(FUNCTION, { timeout: '10s' });
    await ready();
  });
}

function describeCanaries(): void {
  it('tries a change with a part of the calls, takes it back, and gives it all of them', async () => {
    await whileCalling(`${address}/version`, async callers => {
      await greeter.canary(20);
      const stable = await greeter.isKept();
      await become('five');
      await greeter.isTried(20);
      const { traffic } = (await get(FUNCTION)).status;
      const newest = (await get(SERVICE)).status.latestReadyRevisionName;
      assert.deepEqual(traffic, [
        { tag: 'stable', revision: stable, percent: 80, url: greeter.addressOf('stable') },
        { tag: 'canary', revision: newest, percent: 20, url: greeter.addressOf('canary') },
      ]);
      assert.match(await kubectl('get', FUNCTION), /^greeter +True +Available +20 +http/m);
      assert.equal(await version('/canary'), 'five');

      const before = { four: callers.answered('four'), five: callers.answered('five') };
      await moreOf(callers, 'four', 800, 120_000);
      const [four, five] = [callers.answered('four') - before.four, callers.answered('five') - before.five];
      const percent = (100 * five) / (four + five);
      console.log(`      ${five} of ${four + five} calls went to the canary, ${percent.toFixed(1)}%`);
      // Five standard deviations of what is drawn with 20% a thousand times.
      assert.ok(Math.abs(percent - 20) < 6.5, `${percent}%`);

      await greeter.canary(0);
      await greeter.isTried(0);
      await onlyBy(callers, 'four', 'five');
      assert.equal(await version('/canary'), 'five');
      await greeter.canary(50);
      await greeter.isTried(50);
      await moreOf(callers, 'five', 20);
      await greeter.canary(null);
      await greeter.isSettled();
      await onlyBy(callers, 'five', 'four');
    });
    const { spec } = await get(SERVICE);
    assert.deepEqual(spec.traffic, [{ latestRevision: true, percent: 100 }]);
  });

  it('gives a canary that does not start no call, and is as it was with what it was before', async () => {
    await whileCalling(`${address}/version`, async callers => {
      await greeter.canary(50);
      await patch(FUNCTION, { env: [{ name: 'NODE_OPTIONS', value: '--no-such-option' }] });
      const comesUp = async () => {
        const { reason, message } = await conditionOf('Progressing');
        return reason === 'RollingOut' && /comes up, and kn-greeter-\d+ still answers/.test(message);
      };
      await eventually(comesUp, 'its status says that it comes up');
      await moreOf(callers, 'five', 100);
      assert.equal((await conditionOf('Ready')).status, 'True');
      assert.equal((await get(FUNCTION)).status.traffic, undefined);
      await become('five');
      await greeter.isTried(50);
      const { url } = (await get(FUNCTION)).status.traffic[0];
      assert.equal(url, greeter.addressOf('stable'));
      await greeter.canary(null);
      await greeter.isSettled();
      await moreOf(callers, 'five', 40);
    });
    await ready();
  });

  it('promotes no canary because the version behind it loses its label or is deleted, and says what to do', async () => {
    await greeter.canary(20);
    const stable = await greeter.isKept();
    await become('six');
    await greeter.isTried(20);
    // Knative replaces its pods for that, so nobody calls here.
    await kubectl('label', `revision/${stable}`, 'app.kubernetes.io/managed-by-');
    await patch(SERVICE, { traffic: [{ latestRevision: true, percent: 100 }] });
    assert.equal(await greeter.isKept(), stable);
    await kubectl('delete', `revision/${stable}`);
    const isTold = async () => /RevisionMissing.*Take spec\.canary away/s.test((await conditionOf('Stalled'))?.message);
    await eventually(isTold, 'its status says that the version is gone');
    const [kept, tried] = (await get(SERVICE)).spec.traffic;
    assert.deepEqual([kept.revisionName, kept.percent, tried.percent], [stable, 80, 20]);
    await greeter.canary(null);
    await greeter.isSettled();
    await eventually(async () => (await version()) === 'six', 'the newest version has all calls');
    await ready();
  });
}
