// The doctor on the store: each damaged value is named, all others are saved, and what follows
// from them fits them again.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { checkDatabase, type Report, salvageDatabase } from '../../../../drivers/sqlite/integrity/doctor.ts';
import type { Change } from '../../../../drivers/store/changes.ts';
import { storeModule } from '../../../../drivers/store/sqlite/module.ts';
import { text } from '../../../contract/store/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openStore } from './open-store.ts';

const HOUR = 3_600_000;
const changesOf = (key: string, at: number): Change[] => [
  { kind: 'put', key, value: `value ${key}`, ttlMs: HOUR },
  { kind: 'put-row', table: 't', key, value: `row ${key}`, indexes: { i: [at] } },
  { kind: 'score', ranking: 'r', member: key, score: at, mode: 'sum', limit: 10, value: `shown ${key}` },
  { kind: 'push', feed: 'f', owner: 'o', id: key, at, value: `entry ${key}`, limit: 10 },
  { kind: 'set-timer', timer: key, inMs: 0, payload: `payload ${key}` },
];
const DAMAGE = {
  'a value': ["UPDATE store_row SET value = x'76' WHERE tbl = '' AND key = 'b'", "'s' '' 'b'"],
  'a row': ["UPDATE store_row SET value = x'76' WHERE tbl = 't' AND key = 'b'", "'s' 't' 'b'"],
  'a value in the place of another': [
    "UPDATE store_row SET (crc, value) = (SELECT crc, value FROM store_row WHERE tbl = '' AND key = 'a') WHERE tbl = '' AND key = 'b'",
    "'s' '' 'b'",
  ],
  'a score': ["UPDATE store_ranked SET score = 7 WHERE member = 'b'", "'1' 'b' '7'"],
  'an entry of a feed': ["UPDATE store_feed SET value = x'76' WHERE entry = 'b'", "'s' 'f' 'o' 'b' '2'"],
  'a timer': ["UPDATE store_timer SET payload = x'76' WHERE name = 'b'", "'s' 'b'"],
} as const;

describe('doctor of the store on SQLite', () => {
  let folder: TemporaryFolder;
  let to: string;
  beforeEach(async () => {
    folder = temporaryFolder();
    to = `${folder.path}/salvaged/tenfold.db`;
    const store = await openStore(folder.file);
    await store.apply('s', [...changesOf('a', 1), ...changesOf('b', 2), ...changesOf('c', 3)]);
    await store.close();
  });
  afterEach(() => folder.remove());

  const damage = (...statements: readonly string[]) => {
    const db = new DatabaseSync(folder.file);
    for (const sql of statements) assert.ok(db.prepare(sql).run().changes > 0);
    db.close();
  };
  const problemsOf = ({ parts }: Report) => parts.flatMap(({ problems }) => problems);
  /** What can be read of the new file, the long way for each. */
  const contents = async () => {
    const store = await openStore(to);
    const page = { limit: 10 };
    const keys = await Promise.all(['a', 'b', 'c'].map(key => store.get('s', key)));
    const found = {
      keys: keys.flatMap(entry => (entry ? [text(entry.value)] : [])),
      rows: (await store.scan('s', 't', { index: 'i', ...page })).rows.map(({ key }) => key),
      ranked: (await store.top('s', 'r', page)).map(({ member }) => member),
      ranks: await store.rankingSize('s', 'r'),
      feed: (await store.feed('s', 'f', 'o', page)).entries.map(({ id }) => id),
      due: (await store.takeDue('s', { ...page, leaseMs: HOUR })).timers.map(({ timer }) => timer),
    };
    await store.close();
    return found;
  };

  it('finds a sound one sound, and saves all of it', async () => {
    assert.deepEqual(problemsOf(checkDatabase(folder.file, [storeModule])), []);
    assert.ok(salvageDatabase(folder.file, to, [storeModule]).isSound);
    assert.deepEqual(await contents(), {
      keys: ['value a', 'value b', 'value c'],
      rows: ['a', 'b', 'c'],
      ranked: ['c', 'b', 'a'],
      ranks: 3,
      feed: ['c', 'b', 'a'],
      due: ['a', 'b', 'c'],
    });
  });

  for (const [what, [sql, name]] of Object.entries(DAMAGE)) {
    it(`names ${what} that is damaged`, () => {
      damage(sql);
      assert.deepEqual(problemsOf(checkDatabase(folder.file, [storeModule])), [
        `the value of ${name} does not match its checksum`,
      ]);
    });
  }

  it('saves all others, and nothing leads to what was left out', async () => {
    damage(...Object.values(DAMAGE).map(([sql]) => sql));
    assert.equal(problemsOf(salvageDatabase(folder.file, to, [storeModule])).length, 5);
    assert.deepEqual(await contents(), {
      keys: ['value a', 'value c'],
      rows: ['a', 'c'],
      ranked: ['c', 'a'],
      ranks: 2,
      feed: ['c', 'a'],
      due: ['a', 'c'],
    });
    const again = checkDatabase(to, [storeModule]);
    assert.deepEqual(problemsOf(again), []);
  });

  it('finds rows by their indexes again when the table of these is lost', async () => {
    damage('DELETE FROM store_place', "UPDATE store_row SET places = x'ff' WHERE tbl = 't' AND key = 'c'");
    const report = salvageDatabase(folder.file, to, [storeModule]);
    assert.match(problemsOf(report).join(), /^'s' 't' 'c' is found by its key alone/);
    assert.deepEqual((await contents()).rows, ['a', 'b']);
    const store = await openStore(to);
    assert.equal(text((await store.row('s', 't', 'c'))?.value), 'row c');
    await store.close();
  });

  it('says what belongs to a ranking that is lost', () => {
    damage('DELETE FROM store_ranking');
    const report = salvageDatabase(folder.file, to, [storeModule]);
    assert.deepEqual(problemsOf(report), ['3 members belong to rankings that are lost']);
  });

  it('gives no version twice, also when it is lost how often the file was opened', async () => {
    damage('DELETE FROM store_meta');
    salvageDatabase(folder.file, to, [storeModule]);
    const store = await openStore(to);
    const before = (await store.get('s', 'a'))?.version;
    const versions = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.put('s', `new${index}`, '', { ttlMs: HOUR })),
    );
    assert.ok(versions.every(outcome => outcome.written && outcome.version !== before));
    await store.close();
  });
});
