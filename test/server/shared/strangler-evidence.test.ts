// Two gateways over a real Redis that judge one feature of a Strangler: what either of
// them sees holds for both.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Platform } from '../../../server/platform.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { startTwoPlatforms, type TwoPlatforms } from './two-platforms.ts';

const appOf = (legacy: string, fresh: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: '${legacy}' }
  features: [${Object.entries({ orders: 40, items: 100_000 }).map(
    ([name, minimum]) => `{
    name: ${name}, match: { path: /${name}/* }, to: { url: '${fresh}' }, phase: shadow, shadow: { noise: true },
    promote: { minimum: ${minimum}, window: 10s, steps: [10], maxMasked: 100% } }`,
  )}]
`;

const service = findService(redis);

if (service)
  describe('two gateways over one Redis that judge a feature', () => {
    /** What the new side answers wrongly, by the last part of the path. */
    const wrong = new Map<string, object>();
    let legacy: Awaited<ReturnType<typeof startUpstream>>;
    let fresh: Awaited<ReturnType<typeof startUpstream>>;
    let platforms: TwoPlatforms;

    before(async () => {
      const type = { 'content-type': 'application/json' };
      const order = () => ({ total: 1, at: randomUUID(), variant: Math.random() < 0.5 ? 'A' : 'B' });
      legacy = await startUpstream((_request, response) => response.writeHead(200, type).end(JSON.stringify(order())));
      fresh = await startUpstream(({ url: path = '' }, response) =>
        response.writeHead(200, type).end(JSON.stringify({ ...order(), ...wrong.get(path) })),
      );
      platforms = await startTwoPlatforms(service.url(), appOf(legacy.origin, fresh.origin));
    });
    after(async () => {
      await platforms?.close();
      await legacy?.close();
      await fresh?.close();
    });

    const featureOf = ({ view }: Platform, index: number) =>
      view.stranglers.get('default', 'shop').features[index] ?? assert.fail('There is no such feature.');
    const ask = async ({ addresses }: Platform, path: string) => {
      const answer = await fetch(addresses.public + path);
      await answer.arrayBuffer();
      assert.equal(answer.status, 200);
    };
    const knowsAll = (index: number) =>
      [platforms.one, platforms.two]
        .map(each => featureOf(each, index).promotion)
        .every(found => found?.gateways === 2 && found.because.startsWith('Too many differences.'));

    it('keep it where it is while one of them sees it differ, and move it together once neither does', async () => {
      const { one, two } = platforms;
      wrong.set('/orders/two', { total: -1 });
      await eventually(async () => {
        for (let count = 0; count < 20; count++) await Promise.all([ask(one, '/orders/one'), ask(two, '/orders/two')]);
        return knowsAll(0) && featureOf(one, 0).shadow.mismatched === 0 && featureOf(two, 0).shadow.mismatched > 0;
      }, 'both gateways know of the differences that one of them has seen');
      assert.deepEqual([featureOf(one, 0).phase, featureOf(two, 0).phase], ['shadow', 'shadow']);
      wrong.clear();
      await eventually(async () => {
        await Promise.all([ask(one, '/orders/one'), ask(two, '/orders/two')]);
        return [one, two].every(each => featureOf(each, 0).phase === 'canary');
      }, 'both have moved it on');
    });

    it('know together what of a noisy place is no noise', async () => {
      const { one, two } = platforms;
      wrong.set('/items/two', { variant: 'C' });
      const verdictAt = (each: Platform) =>
        featureOf(each, 1).shadow.places.find(({ at }) => at === '/variant')?.verdict;
      await eventually(async () => {
        for (let count = 0; count < 20; count++) await Promise.all([ask(one, '/items/one'), ask(two, '/items/two')]);
        return knowsAll(1) && verdictAt(one) === 'mismatch' && verdictAt(two) === 'mismatch';
      }, 'the gateway that has seen noise alone knows what the other one has seen');
      assert.equal(featureOf(one, 1).phase, 'shadow');
    });
  });
