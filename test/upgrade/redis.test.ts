// F12: a store over Redis reads what an earlier release has left there, and goes on with it.
import assert from 'node:assert/strict';
import type { Change } from '../../drivers/store/changes.ts';
import { text } from '../contract/store/subject.ts';
import { foldUpTo, redisCases } from '../drivers/store/redis/redis-cases.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { fixtureOf } from './fixture.ts';
import { dumpRedis, loadRedis } from './redis-image.ts';

const RELEASES = ['0.1'];
const SCOPE = 'views/shop/rows {%}';
const YEARS_MS = 10 * 365 * 86_400_000;
const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const row = (key: string, n: number): Change => ({
  kind: 'put-row',
  table: 't',
  key,
  value: `row ${n}`,
  indexes: { n: [n], mixed: [n % 2 === 0, null, `é${n}`, n / 4] },
});
const score = (member: string, by: number): Change => ({
  kind: 'score',
  ranking: 'r',
  member,
  score: by,
  mode: 'sum',
  limit: 100,
  value: `of ${member}`,
});
const push = (id: string, at: number): Change => ({
  kind: 'push',
  feed: 'f',
  owner: 'o',
  id,
  at,
  value: id,
  limit: 100,
});

const LEFT: readonly Change[] = [
  { kind: 'put', key: 'k', value: BYTES, ttlMs: YEARS_MS },
  ...[1, 2, 3, 4].map(n => row(`k${n}`, n)),
  { kind: 'delete-row', table: 't', key: 'k4' },
  score('ada', 3),
  score('bob', 0.5),
  score('cy', -7),
  push('first', 1),
  push('second', 2),
  { kind: 'count', counter: 'c', by: 41 },
  { kind: 'set-timer', timer: 'due', inMs: 0, payload: 'due' },
  { kind: 'set-timer', timer: 'far', inMs: YEARS_MS, payload: 'far' },
];

if (findService(redis))
  for (const release of RELEASES)
    describe(`what release ${release} has left in Redis`, () => {
      const cases = redisCases();

      it('is read, and gone on with', async () => {
        const left = await fixtureOf(release, 'redis', async () => {
          const server = await cases.redis();
          const store = await cases.store(server.url);
          await foldUpTo(store, SCOPE, 50, undefined);
          await store.apply(SCOPE, LEFT);
          return dumpRedis(server.url);
        });
        const server = await cases.redis();
        await loadRedis(server.url, left);
        const store = await cases.store(server.url);

        assert.deepEqual(await store.scopes('', { limit: 10 }), [SCOPE]);
        const kept = await store.get(SCOPE, 'k');
        // After ten years it is gone, as was asked for.
        if (kept) {
          assert.deepEqual(Buffer.from(kept.value), Buffer.from(BYTES));
          const put = { ttlMs: YEARS_MS, when: { version: kept.version } };
          assert.ok((await store.put(SCOPE, 'k', 'next', put)).written, 'versions are known again');
        }
        const keys = async (scan: object) =>
          (await store.scan(SCOPE, 't', { limit: 10, ...scan })).rows.map(({ key, value }) => `${key} ${text(value)}`);
        const rows = ['k1 row 1', 'k2 row 2', 'k3 row 3'];
        assert.deepEqual(await keys({}), rows);
        assert.deepEqual(await keys({ index: 'n', reverse: true }), rows.toReversed());
        assert.deepEqual(await keys({ index: 'mixed', prefix: [false] }), ['k1 row 1', 'k3 row 3']);
        await store.apply(SCOPE, [row('k2', 9), row('k5', 5)]);
        assert.deepEqual(await keys({ index: 'n' }), ['k1 row 1', 'k3 row 3', 'k5 row 5', 'k2 row 9']);

        await store.apply(SCOPE, [score('bob', 10), { kind: 'unrank', ranking: 'r', member: 'cy' }]);
        const top = await store.top(SCOPE, 'r', { limit: 10 });
        assert.deepEqual(
          top.map(({ member, score: points, value }) => [member, points, text(value)]),
          [
            ['bob', 10.5, 'of bob'],
            ['ada', 3, 'of ada'],
          ],
        );
        await store.apply(SCOPE, [push('third', 3)]);
        const { entries } = await store.feed(SCOPE, 'f', 'o', { limit: 10 });
        assert.deepEqual(
          entries.map(({ id, at, value }) => [id, at, text(value)]),
          [
            ['third', 3, 'third'],
            ['second', 2, 'second'],
            ['first', 1, 'first'],
          ],
        );
        await store.apply(SCOPE, [{ kind: 'count', counter: 'c', by: 1 }]);
        assert.equal(await store.counter(SCOPE, 'c'), 42);
        const { timers } = await store.takeDue(SCOPE, { limit: 10, leaseMs: 1000 });
        assert.deepEqual(text(timers.find(({ timer }) => timer === 'due')?.payload), 'due');

        assert.equal(await store.position(SCOPE, 'fold', 0), 50);
        assert.deepEqual(await foldUpTo(store, SCOPE, 100, 40), ['back to 50']);
        assert.equal(await store.counter(SCOPE, 'folded'), 100);
        await store.drop(SCOPE);
        assert.deepEqual(await store.scopes('', { limit: 10 }), []);
      });
    });
