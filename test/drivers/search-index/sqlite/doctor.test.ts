// The doctor on the search index: damaged documents are named, and a new file
// finds all others as before.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import { searchModule } from '../../../../drivers/search-index/sqlite/module.ts';
import { checkDatabase, type Report, salvageDatabase } from '../../../../drivers/sqlite/integrity/doctor.ts';
import { idsOf } from '../../../contract/search-index/subject.ts';
import { createFakeWorld, type FakeWorld } from '../../../fakes/fake-world.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openSearch } from './open-search.ts';

const SETTINGS = {
  fields: {
    t: { type: 'text' as const, fuzzy: true, suggest: true },
    tags: { type: 'keyword' as const },
    price: { type: 'number' as const },
  },
};

describe('doctor of the search index on SQLite', () => {
  let folder: TemporaryFolder;
  let to: string;
  let world: FakeWorld;
  beforeEach(async () => {
    folder = temporaryFolder();
    to = `${folder.path}/salvaged/tenfold.db`;
    world = createFakeWorld();
    const search = await openSearch(folder.file, world);
    await search.ensureIndex('dropped', SETTINGS);
    await search.dropIndex('dropped');
    await search.ensureIndex('shops-2', SETTINGS);
    await search.pointAliases({ shops: 'shops-2' });
    await search.change('shops-2', [
      { kind: 'put', id: 'a', version: 1, document: { t: 'coffee beans', tags: ['x', 'y'], price: 3 } },
      { kind: 'put', id: 'b', version: 5, document: { t: 'green tea', tags: ['y'], price: 4 } },
      { kind: 'put', id: 'c', version: 1, document: { t: 'coffee cups', tags: ['x'], price: 5 }, ttlMs: 60_000 },
      { kind: 'put', id: 'd', version: 1, document: { t: 'gone' } },
      { kind: 'delete', id: 'd', version: 7 },
    ]);
    await search.close();
  });
  afterEach(() => folder.remove());

  const damage = (sql: string) => {
    const db = new DatabaseSync(folder.file);
    db.exec(sql);
    db.close();
  };
  const problemsOf = ({ parts }: Report) => parts.flatMap(({ problems }) => problems);
  const inSaved = async (look: (search: SearchIndex) => Promise<void>) => {
    const search = await openSearch(to, world);
    try {
      await look(search);
    } finally {
      await search.close();
    }
  };

  it('finds a sound one sound, and counts its documents', () => {
    const report = checkDatabase(folder.file, [searchModule]);
    assert.deepEqual(problemsOf(report), []);
    assert.equal(report.parts.find(({ part }) => part === 'search index shops-2')?.sound, 4);
  });

  it('saves all of it: found by words, typos, tags, numbers and alias, with versions and times to live', async () => {
    assert.ok(salvageDatabase(folder.file, to, [searchModule]).isSound);
    await inSaved(async search => {
      assert.deepEqual((await idsOf(search, 'shops', { text: 'coffee' })).sort(), ['a', 'c']);
      assert.deepEqual(await idsOf(search, 'shops', { text: 'grean' }), ['b']);
      assert.deepEqual((await idsOf(search, 'shops', {})).sort(), ['a', 'b', 'c']);
      assert.deepEqual(await search.suggest('shops', { field: 't', text: 'cof', limit: 5 }), ['coffee']);
      const late = [
        { kind: 'put' as const, id: 'b', version: 4, document: { t: 'late' } },
        { kind: 'put' as const, id: 'd', version: 6, document: { t: 'late' } },
      ];
      assert.deepEqual(await search.change('shops-2', late), [{ kind: 'outdated' }, { kind: 'outdated' }]);
      await world.pass(60_001);
      assert.equal(await search.document('shops', 'c'), undefined);
    });
  });

  it('names a document that is damaged, and saves the others', async () => {
    damage("UPDATE search_2_docs SET document = replace(document, 'tea', 'tee')");
    const report = salvageDatabase(folder.file, to, [searchModule]);
    assert.deepEqual(problemsOf(report), ["Document 'b' of the search index is damaged"]);
    await inSaved(async search => {
      assert.deepEqual((await idsOf(search, 'shops', {})).sort(), ['a', 'c']);
      assert.equal(await search.document('shops', 'b'), undefined);
    });
  });

  it('names an index whose settings are damaged, and the alias that led to it', () => {
    damage("UPDATE search_index SET settings = '{' WHERE name = 'shops-2'");
    const problems = problemsOf(checkDatabase(folder.file, [searchModule]));
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /what is known of an index is damaged/);
    assert.match(problems[1] ?? '', /alias 'shops' leads to an index that is not there/);
  });
});
