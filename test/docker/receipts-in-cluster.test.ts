// The sample functions/receipts in a cluster, as its README says: images that Docker builds, the
// files applied, and a Function in each language that takes events and jobs in a pod of its own.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installPlatform, type Platform, tenfold, whatIsWrong } from '../cluster/node/platform.ts';
import { findNode } from '../cluster/node/shared-node.ts';
import { eventHeaders, order } from '../e2e/receipts/program.ts';
import { LANGUAGES, SAMPLE } from '../e2e/receipts/suite.ts';
import { eventually } from '../eventually.ts';
import { docker } from './docker.ts';

const NAMESPACE = 'shop';
const FILES = ['laptop/app.yaml', 'cluster/functions.yaml'].map(file => join(SAMPLE, file));
/** What cluster/functions.yaml says. A node has no need to fetch an image that it has. */
const imageOf = (language: string) => `registry.example/receipts-${language}:1`;

const shared = findNode();
if (shared) {
  describe('the sample of a Function in other languages, in a cluster', function () {
    this.timeout(1_800_000);
    let platform: Platform;
    let address = '';
    const kubectl = (...args: string[]) => shared.node().kubectl(args);
    const cli = (...args: string[]) => tenfold(shared.node(), [...args, '--namespace', NAMESPACE]);
    const podOf = async (language: string) => {
      const selector = `--selector=tenfold.dev/function=receipts-${language}`;
      const { items } = JSON.parse(await kubectl('get', 'pods', selector, `--namespace=${NAMESPACE}`, '--output=json'));
      assert.equal(items.length, 1, `${language} has one pod`);
      return items[0];
    };
    const send = (path: string, id: string, more: object = {}) =>
      fetch(`${address}${path}`, {
        method: 'POST',
        headers: { ...eventHeaders(id), prefer: 'wait=60' },
        body: order(id, more),
      });

    before(async () => {
      const tar = join(shared.node().folder, 'receipts.tar');
      for (const language of LANGUAGES) await docker(['build', '--tag', imageOf(language), join(SAMPLE, language)]);
      await docker(['save', '--output', tar, ...LANGUAGES.map(imageOf)]);
      shared.node().load(tar);
      await rm(tar);
      platform = await installPlatform(shared.node(), {});
      address = await platform.address();
      await kubectl('create', 'namespace', NAMESPACE);
      await kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
    });
    afterEach(async function () {
      if (this.currentTest?.state !== 'failed') return;
      for (const namespace of [platform.namespace, NAMESPACE])
        console.error(await whatIsWrong(shared.node(), namespace));
    });
    after(async () => {
      const namespaces = [NAMESPACE, platform.namespace];
      await kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=300s');
      await docker(['image', 'rm', '--force', ...LANGUAGES.map(imageOf)]);
    });

    it('is applied from its files, where only restricted pods may run', async () => {
      const said = await cli('apply', ...FILES, '--application', 'receipts', '--wait', '--timeout', '300s');
      for (const language of LANGUAGES)
        assert.match(said, new RegExp(`Function +shop +receipts-${language} +(created|unchanged) +yes`));
    });

    for (const language of LANGUAGES) {
      it(`runs in a pod that is probed, and has not failed: ${language}`, async () => {
        const { spec, status } = await podOf(language);
        const [container] = spec.containers;
        assert.equal(container.image, imageOf(language));
        assert.equal(container.livenessProbe.httpGet.path, '/healthz');
        assert.equal(container.readinessProbe.httpGet.path, '/readyz');
        assert.deepEqual([status.containerStatuses[0].ready, status.containerStatuses[0].restartCount], [true, 0]);
      });

      it(`does a job, and gives the same receipt to an event that comes twice: ${language}`, async () => {
        const job = async () => {
          const answer = await send(`/receipts/${language}`, 'job-1');
          assert.equal(answer.status, 200);
          return await answer.json();
        };
        const receipt = await job();
        assert.partialDeepStrictEqual(receipt, { orderId: 'job-1', totalCents: 1250 });
        assert.deepEqual(await job(), receipt);
      });
    }

    it('has a dead letter of the order that is not paid, and of no other, in each language', async () => {
      for (const [id, more] of [['o-1', {}] as const, ['o-2', { paid: false }] as const])
        assert.equal((await send('/orders', id, more)).status, 204);
      for (const language of LANGUAGES) {
        let letters = '';
        const isThere = async () => {
          const where = ['--platform-namespace', platform.namespace];
          letters = await cli('dead', 'list', `subscription/receipts-${language}`, ...where);
          return letters.includes('o-2');
        };
        await eventually(isThere, `the order o-2 is a dead letter of ${language}`);
        assert.match(letters, /The order o-2 is not paid yet/);
        assert.doesNotMatch(letters, /o-1/);
      }
    });

    it('ends by itself when its pod is deleted, and goes on in another one', async () => {
      for (const language of LANGUAGES) {
        const { metadata } = await podOf(language);
        const pod = ['pod', metadata.name, `--namespace=${NAMESPACE}`];
        const keep = (finalizers: readonly string[]) =>
          kubectl('patch', ...pod, '--type=merge', '--patch', JSON.stringify({ metadata: { finalizers } }));
        // Its exit code is gone with it.
        await keep(['tenfold.dev/test']);
        await kubectl('delete', ...pod, '--wait=false');
        let ended: { exitCode: number } | undefined;
        const hasEnded = async () => {
          const { status } = JSON.parse(await kubectl('get', ...pod, '--output=json'));
          ended = status.containerStatuses[0].state.terminated;
          return ended !== undefined;
        };
        await eventually(hasEnded, `the pod of ${language} has ended`);
        await keep([]);
        assert.equal(ended?.exitCode, 0, language);
        const answer = await send(`/receipts/${language}`, 'job-2');
        assert.equal(answer.status, 200, `${language}: ${await answer.text()}`);
      }
    });
  });
}
