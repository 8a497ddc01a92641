// Answers to pages that follow changes: they come from the newest look, and are not said twice.
import assert from 'node:assert/strict';
import type { ParkedKey } from '../../../admin/parked-view.ts';
import { TOKEN } from '../running-admin.ts';
import { consumerOf, LOOK_MS, liveReaders } from './live-readers.ts';

const GROUPS = '/api/dead-letters/groups?kind=Subscription&namespace=green&name=wall';
const FAILURES = ['/api/dead-letters/owners', GROUPS, '/api/parked'];
const PATHS = ['/api/resources', '/api/diagnosis', '/api/graph', ...FAILURES];

describe('answers from the newest look', () => {
  const readers = liveReaders();
  const setLag = (lag: number, oldestAgeMs?: number) => {
    readers.platform.consumers = ['green', 'blue'].map(name => ({ ...consumerOf(name, 'wall', lag), oldestAgeMs }));
  };
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, token = TOKEN) =>
    fetch(new URL(path, readers.platform.url), { headers: { authorization: `Bearer ${token}`, ...headers } });
  const askFor = (path: string, tag?: string | null, token = TOKEN) =>
    ask(path, { 'cache-control': 'max-age=15', ...(tag ? { 'if-none-match': tag } : {}) }, token);
  const tagOf = async (path: string, token = TOKEN) => (await askFor(path, undefined, token)).headers.get('etag');
  /** An answer that is not kept has a tag of its text alone. */
  const isKept = async (path: string) => (await tagOf(path))?.includes(readers.platform.live.epoch);
  const look = () => readers.platform.world.pass(LOOK_MS);

  beforeEach(async () => {
    setLag(0);
    await readers.begin();
    // Rates are known from the second look on.
    for (const path of PATHS) await (await askFor(path)).text();
    for (let looks = 0; looks < 4; looks++) await look();
  });

  for (const path of PATHS) {
    it(`asks nobody, and does not say the same twice: ${path}`, async () => {
      const tag = await tagOf(path);
      const { looks, made } = readers.platform;
      for (let times = 0; times < 5; times++) {
        const again = await askFor(path, tag);
        assert.deepEqual([again.status, await again.text()], [304, '']);
      }
      assert.deepEqual([readers.platform.looks, readers.platform.made], [looks, made]);
    });

    it(`says what has changed as soon as a look has found it: ${path}`, async () => {
      const tag = await tagOf(path);
      setLag(3);
      assert.equal((await askFor(path, tag)).status, 304);
      await look();
      const now = await askFor(path, tag);
      assert.equal(now.status, 200);
      assert.notEqual(now.headers.get('etag'), tag);
    });

    it(`tells nobody that an answer for another caller is his: ${path}`, async () => {
      const tag = await tagOf(path);
      assert.notEqual(await tagOf(path, 'green'), tag);
      const other = await askFor(path, tag, 'green');
      assert.equal(other.status, 200);
      assert.ok(!(await other.text()).includes('blue'));
    });

    it(`asks the platform itself for whoever does not take a look of before: ${path}`, async () => {
      const tag = await tagOf(path);
      await readers.platform.world.pass(2 * LOOK_MS);
      const before = readers.platform.looks + readers.platform.made;
      const fresh = await ask(path, tag ? { 'if-none-match': tag } : {});
      assert.equal(fresh.status, 200);
      assert.ok(readers.platform.looks + readers.platform.made > before);
    });
  }

  for (const path of FAILURES)
    it(`is made once for all who ask while nothing changes, and once more after a change: ${path}`, async () => {
      const makesFor = async () => {
        await look();
        const { made } = readers.platform;
        for (let callers = 0; callers < 10; callers++) await (await askFor(path)).text();
        return readers.platform.made - made;
      };
      setLag(7);
      assert.equal(await makesFor(), 1);
      assert.equal(await makesFor(), 0);
      setLag(8);
      assert.equal(await makesFor(), 1);
    });

  for (const path of [`${GROUPS}&newerThan=1h`, `${GROUPS}&held=true`, '/api/parked?olderThan=1m'])
    it(`is made for each who asks where no change tells of it: ${path}`, async () => {
      assert.equal(await isKept(path), false);
      const { made } = readers.platform;
      await (await askFor(path)).text();
      assert.equal(readers.platform.made, made + 1);
    });

  it('keeps a list of parked keys where all are held for a person, and none that waits for its time', async () => {
    const key: ParkedKey = {
      ...{ id: '0-1', eventId: '1', eventType: 'order', state: 'held', attempts: 5, since: '2026-11-30T00:00:00Z' },
      ...{ consumer: { kind: 'Subscription', namespace: 'green', name: 'wall' }, partition: 0, key: 'a', events: 1 },
    };
    readers.platform.parked = [key];
    setLag(7);
    await look();
    assert.equal(await isKept('/api/parked'), true);
    readers.platform.parked = [key, { ...key, id: '0-2', state: 'retrying' }];
    setLag(8);
    await look();
    assert.equal(await isKept('/api/parked'), false);
  });

  it('keeps no answer for longer than minutes, and none that changes by the passing of time', async () => {
    const [path = ''] = PATHS;
    const tag = await tagOf(path);
    for (let passed = 0; passed < 300_000; passed += 10_000) await readers.platform.world.pass(10_000);
    assert.equal((await askFor(path, tag)).status, 200);
    assert.ok((await tagOf(path))?.includes(readers.platform.live.epoch));
    setLag(1, 5_000);
    await look();
    assert.ok(!(await tagOf(path))?.includes(readers.platform.live.epoch));
  });
});
