// What the cache endpoint does when the store fails, clients leave, and very many wait.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { sleep } from '../../../core/world.ts';
import { eventually } from '../../eventually.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { startSteadyWorld } from '../../fakes/steady-world.ts';
import { type Served, serveEndpoints } from '../accept/serve-endpoints.ts';

describe('the cache endpoint', () => {
  const world = startSteadyWorld();
  const store = createFakeStore(world);
  let served: Served;
  before(async () => {
    served = await serveEndpoints('', createFakeLog(), { world, store, maxCacheWaiting: 4 });
  });
  after(async () => {
    await served.close();
    world.stop();
  });
  afterEach(() => {
    store.before = async () => {};
  });

  const take = (key: string, query = '', init: RequestInit = {}) =>
    served.ask(`/cache/${key}?lease=15m${query}`, { method: 'POST', ...init });

  it('says that the store is away, and holds nothing of what was sent', async () => {
    store.before = async () => {
      throw new TenfoldError('store-unavailable', 'The store does not answer.', { retryAfterSeconds: 1 });
    };
    const requests = [
      served.ask('/cache/a'),
      served.ask('/cache/a?ttl=1h', { method: 'PUT', body: 'x'.repeat(1000) }),
      take('a'),
      served.ask('/cache/a', { method: 'DELETE' }),
      served.ask('/cache?tag=a', { method: 'DELETE' }),
    ];
    for (const answer of await Promise.all(requests)) {
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '1');
      assert.match(String(answer.headers.get('content-type')), /problem\+json/);
    }
    assert.equal(served.endpoints.intake.held, 0);
  });

  it('gives a turn back whose caller has left before it was told', async () => {
    let tries = 0;
    await eventually(async () => {
      const key = `left${++tries}`;
      const reached = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      store.before = async what => {
        if (what !== 'put') return;
        reached.resolve();
        await goOn.promise;
      };
      const left = new AbortController();
      const first = take(key, '', { signal: left.signal });
      await reached.promise;
      left.abort();
      await assert.rejects(first);
      // The endpoint notices a moment later. Where that is too short, the next try takes longer.
      await sleep(world, 25 * 2 ** tries);
      store.before = async () => {};
      goOn.resolve();
      // The turn is given back a moment later, or not before its lease is over.
      return (await take(key, '&wait=5s')).status === 201;
    }, 'the next one has the turn');
  });

  it('lets a waiting caller go when its time is up, and counts those who wait', async () => {
    assert.equal((await take('slow')).status, 201);
    const { counts } = served.endpoints.cache;
    const before = counts.waits;
    const waiting = take('slow', '&wait=1s');
    await eventually(() => counts.waiting === 1, 'it waits');
    assert.equal((await waiting).status, 409);
    assert.deepEqual([counts.waiting, counts.waits], [0, before + 1]);
    const short = await take('slow', '&wait=60s', { headers: { 'tenfold-timeout-ms': '1500' } });
    assert.equal(short.status, 409, 'an answer in time, rather than none');
  });

  it('has only so many wait, and answers the others at once', async () => {
    assert.equal((await take('crowd')).status, 201);
    const { counts } = served.endpoints.cache;
    const left = new AbortController();
    const wait = () => take('crowd', '&wait=60s', { signal: left.signal });
    const waiting = [wait(), wait(), wait()];
    await eventually(() => counts.waiting === 3, 'the share of one namespace waits');
    assert.equal((await wait()).status, 409);
    left.abort();
    for (const each of waiting) await assert.rejects(each);
    await eventually(() => counts.waiting === 0, 'the places are free again');
  });

  it('belongs to the namespace of the key, whatever a request says', async () => {
    await served.ask('/cache/mine?ttl=1h', { method: 'PUT', body: 'secret' });
    const keys = [...store.entries.keys()].filter(key => key.includes('mine'));
    assert.ok(keys.length > 0 && keys.every(key => key.startsWith('cache.default.')));
    assert.equal((await fetch(`${served.internal}/cache/mine`)).status, 401);
  });
});
