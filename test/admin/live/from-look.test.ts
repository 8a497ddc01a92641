// Answers to pages that follow changes: they come from the newest look, and are not said twice.
import assert from 'node:assert/strict';
import { TOKEN } from '../running-admin.ts';
import { consumerOf, LOOK_MS, liveReaders } from './live-readers.ts';

const PATHS = ['/api/resources', '/api/diagnosis', '/api/graph'];

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
      const { looks } = readers.platform;
      for (let times = 0; times < 5; times++) {
        const again = await askFor(path, tag);
        assert.deepEqual([again.status, await again.text()], [304, '']);
      }
      assert.equal(readers.platform.looks, looks);
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
      const { looks } = readers.platform;
      const fresh = await ask(path, tag ? { 'if-none-match': tag } : {});
      assert.equal(fresh.status, 200);
      assert.ok(readers.platform.looks > looks);
    });
  }

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
