// Values of the store that were changed under it: found when they are read, named, never served,
// and repaired by writing them anew.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Change } from '../../../../drivers/store/changes.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { rejectsWith, text } from '../../../contract/store/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openStore } from './open-store.ts';

const HOUR = 3_600_000;
const CHANGES: readonly Change[] = [
  { kind: 'put', key: 'k', value: 'value', ttlMs: HOUR },
  { kind: 'put-row', table: 't', key: 'k', value: 'value', indexes: { i: [1] } },
  { kind: 'score', ranking: 'r', member: 'm', score: 5, mode: 'sum', limit: 10, value: 'value' },
  { kind: 'push', feed: 'f', owner: 'o', id: 'e', at: 1, value: 'value', limit: 10 },
  { kind: 'set-timer', timer: 'a', inMs: 0, payload: 'value' },
];

const DAMAGE = {
  'a bit of a value': "UPDATE store_row SET value = x'76616c756d' WHERE tbl = ''",
  'a bit of a row': "UPDATE store_row SET value = x'76616c756d' WHERE tbl = 't'",
  'a value that stands in the place of another':
    "UPDATE store_row SET crc = (SELECT crc FROM store_row WHERE tbl = 't') WHERE tbl = ''",
  'a score': 'UPDATE store_ranked SET score = 6',
  'what is shown of a member': "UPDATE store_ranked SET value = x'76616c756d'",
  'an entry of a feed': "UPDATE store_feed SET value = x'76616c756d'",
  'the place of an entry': 'UPDATE store_feed SET at = 2',
  'the payload of a timer': "UPDATE store_timer SET payload = x'76616c756d'",
};
const READS: Readonly<Record<keyof typeof DAMAGE, (store: Store) => Promise<unknown>>> = {
  'a bit of a value': store => store.get('s', 'k'),
  'a bit of a row': store => store.scan('s', 't', { index: 'i', limit: 1 }),
  'a value that stands in the place of another': store => store.get('s', 'k'),
  'a score': store => store.top('s', 'r', { limit: 1 }),
  'what is shown of a member': store => store.around('s', 'r', 'm', { before: 0, after: 0 }),
  'an entry of a feed': store => store.feed('s', 'f', 'o', { limit: 1 }),
  'the place of an entry': store => store.feed('s', 'f', 'o', { limit: 1 }),
  'the payload of a timer': store => store.takeDue('s', { limit: 1, leaseMs: HOUR }),
};

describe('damage in the store on SQLite', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  const damaged = async (sql: string) => {
    const store = await openStore(folder.file);
    await store.apply('s', CHANGES);
    await store.close();
    const db = new DatabaseSync(folder.file);
    assert.ok(db.prepare(sql).run().changes > 0);
    db.close();
    return openStore(folder.file);
  };

  for (const [what, sql] of Object.entries(DAMAGE)) {
    it(`is found: ${what}`, async () => {
      const store = await damaged(sql);
      try {
        const read = Object.entries(READS).find(([name]) => name === what)?.[1];
        assert.ok(read);
        await rejectsWith('data-corrupt', read(store));
      } finally {
        await store.close();
      }
    });
  }

  it('is named, is no ground to write when absent, and is repaired by writing it anew', async () => {
    const store = await damaged(DAMAGE['a bit of a value']);
    try {
      await assert.rejects(store.get('s', 'k'), /'s'.*'k'.*damaged/);
      await rejectsWith('data-corrupt', store.put('s', 'k', 'new', { ttlMs: HOUR, when: 'absent' }));
      assert.equal((await store.put('s', 'k', 'new', { ttlMs: HOUR })).written, true);
      assert.equal(text((await store.get('s', 'k'))?.value), 'new');
    } finally {
      await store.close();
    }
  });

  it('of one timer does not hold up the others', async () => {
    const store = await damaged(DAMAGE['the payload of a timer']);
    try {
      await store.apply('s', [{ kind: 'set-timer', timer: 'b', inMs: 0, payload: '' }]);
      const { timers } = await store.takeDue('s', { limit: 1, leaseMs: HOUR });
      assert.deepEqual(
        timers.map(({ timer }) => timer),
        ['b'],
      );
    } finally {
      await store.close();
    }
  });
});
