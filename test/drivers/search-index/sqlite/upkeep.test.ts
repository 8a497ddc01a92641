// What the search index on SQLite finds out and does by itself: damage is found, what is dropped
// or over goes from the file.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import { idsOf, rejectsWith } from '../../../contract/search-index/subject.ts';
import { eventually } from '../../../eventually.ts';
import { createFakeWorld, type FakeWorld } from '../../../fakes/fake-world.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openSearch } from './open-search.ts';

const SETTINGS = {
  fields: { t: { type: 'text' as const, fuzzy: true, suggest: true }, tags: { type: 'keyword' as const } },
};

describe('upkeep of the search index on SQLite', () => {
  let folder: TemporaryFolder;
  let world: FakeWorld;
  let search: SearchIndex;
  beforeEach(async () => {
    folder = temporaryFolder();
    world = createFakeWorld();
    search = await openSearch(folder.file, world);
    await search.ensureIndex('shops', SETTINGS);
  });
  afterEach(async () => {
    await search.close();
    folder.remove();
  });
  const put = (count: number, ttlMs?: number) =>
    search.change(
      'shops',
      Array.from({ length: count }, (_, n) => ({
        kind: 'put' as const,
        id: `${ttlMs ?? 'kept'}-${n}`,
        version: 1,
        document: { t: `coffee word${ttlMs ?? 0}n${n}`, tags: ['a', `b${n}`] },
        ttlMs,
      })),
    );
  const count = (db: DatabaseSync, table: string) =>
    Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);

  it('finds a damaged document, names it, and serves it again once it was written anew', async () => {
    await put(1);
    await search.close();
    const db = new DatabaseSync(folder.file);
    db.exec("UPDATE search_1_docs SET document = replace(document, 'coffee', 'coffef')");
    db.close();
    search = await openSearch(folder.file, world);
    await assert.rejects(search.search('shops', { text: 'coffee' }), /'kept-0' .*damaged/);
    await rejectsWith('data-corrupt', search.document('shops', 'kept-0'));
    await search.change('shops', [{ kind: 'put', id: 'kept-0', version: 2, document: { t: 'coffee' } }]);
    assert.deepEqual(await idsOf(search, 'shops', { text: 'coffee' }), ['kept-0']);
  });

  it('removes documents whose time is over, with their words, and their tombstones a week later', async () => {
    await put(300, 50);
    await put(3);
    const db = new DatabaseSync(folder.file, { readOnly: true });
    await eventually(async () => {
      await world.pass(1000);
      return count(db, 'search_1_tags') === 6;
    }, 'expired documents are gone');
    assert.equal(count(db, 'search_1_docs'), 303);
    assert.equal(count(db, 'search_1_terms'), 2 * 4);
    assert.deepEqual(await search.change('shops', [{ kind: 'put', id: '50-1', version: 1, document: { t: 'late' } }]), [
      { kind: 'outdated' },
    ]);
    await world.pass(8 * 86_400_000);
    await eventually(async () => {
      await world.pass(1000);
      return count(db, 'search_1_docs') === 3;
    }, 'tombstones are gone');
    db.close();
    assert.equal((await idsOf(search, 'shops', { text: 'coffee' })).length, 3);
  });

  it('removes the tables of a dropped index, in slices', async () => {
    await put(450);
    await search.dropIndex('shops');
    const db = new DatabaseSync(folder.file, { readOnly: true });
    const tables = () =>
      Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE 'search_1_%'").get()?.['n']);
    assert.ok(tables() > 0);
    await eventually(async () => {
      await world.pass(1000);
      return tables() === 0 && count(db, 'search_index') === 0;
    }, 'the tables are gone');
    db.close();
    await search.ensureIndex('shops', SETTINGS);
    assert.deepEqual(await idsOf(search, 'shops', {}), []);
  });
});
