// A view that is searched: what events do to documents, over the real log, store and index;
// repeats and late writes lose.
import assert from 'node:assert/strict';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import { VIEW_CONSUMER, viewLayoutOf } from '../../../../core/views/view-layout.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../../drivers/event-log/partitioner.ts';
import type { DocumentChange, SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import { type RunningView, runView } from '../../../../worker/views/run-view.ts';
import { compileSearch } from '../../../../worker/views/shapes/search.ts';
import { until } from '../../../contract/event-log/subject.ts';
import { openLog } from '../../../drivers/event-log/sqlite/open-log.ts';
import { openSearch } from '../../../drivers/search-index/sqlite/open-search.ts';
import { temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../../drivers/store/sqlite/open-store.ts';

const layout = viewLayoutOf('shop', 'tweets', '000000000001');
const FIELDS = { text: { fuzzy: true, language: 'en' }, likes: { type: 'number' } };
const SEARCH = { id: '${event.data.id}', fields: FIELDS, delete: '${has(event.data.gone)}' };

function shapeOf(more: object = {}) {
  const spec = viewSpec.parse({ from: ['tweets'], search: { ...SEARCH, ...more } }).search;
  return compileSearch(spec ?? assert.fail(), undefined);
}

function recordOf(data: unknown, offset = 0): LogRecord {
  const event = { specversion: '1.0', id: 'e', source: '/t', type: 't', data } as const;
  return { offset, timestamp: 0, ...toRecord(event, null) };
}

describe('a search view', () => {
  it('puts and deletes documents, the newest of each id, with their place as version', async () => {
    const shape = shapeOf({ ttl: '1m' });
    const events = [
      { id: 'a', text: 'old' },
      { id: 'b', gone: true },
      { id: 'a', text: 'new' },
    ];
    const keyed = events.flatMap(data => shape.project(recordOf(data)));
    const made = keyed.map(({ key, value, headers = {} }, n) => ({ offset: n + 4, timestamp: 0, key, value, headers }));
    const written: DocumentChange[] = [];
    const store = {
      now: () => 0,
      rows: async () => assert.fail(),
      async changeDocuments(changes: readonly DocumentChange[]) {
        written.push(...changes);
        return changes.map(() => ({ kind: 'written' }) as const);
      },
    };
    assert.deepEqual(await shape.toChanges(made, 'scope', store), []);
    assert.deepEqual(written, [
      { kind: 'put', id: 'a', version: 7, document: { id: 'a', text: 'new' }, ttlMs: 60_000 },
      { kind: 'delete', id: 'b', version: 6 },
    ]);
  });

  it('tells the index how its fields are searched', () => {
    const text = { type: 'text', fuzzy: true, language: 'en', phonetic: false, suggest: false, boost: 1 };
    assert.deepEqual(shapeOf({ synonyms: [['a', 'b']] }).index, {
      fields: { text, likes: { type: 'number' } },
      synonyms: [['a', 'b']],
    });
  });

  const bad: readonly [string, unknown, string][] = [
    ['has no id', { text: 'x' }, 'expression-failed'],
    ['is too large', { id: 'a', text: 'x'.repeat(1 << 20) }, 'body-too-large'],
  ];
  for (const [what, data, code] of bad) {
    it(`makes nothing of an event that ${what}`, () => {
      assert.throws(() => shapeOf().project(recordOf(data)), { code });
    });
  }

  it('makes nothing of an event whose document is no object', () => {
    const shape = shapeOf({ id: '${event.id}', document: '${event.data}', delete: undefined });
    for (const data of [7, [1], null])
      assert.throws(() => shape.project(recordOf(data)), { code: 'expression-failed' });
  });

  describe('that runs', () => {
    let log: EventLog;
    let store: Store;
    let search: SearchIndex;
    let view: RunningView | undefined;
    const folders: { remove(): void }[] = [];

    beforeEach(async () => {
      const [one, other, third] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
      folders.push(one, other, third);
      log = await openLog(one.file);
      store = await openStore(other.file);
      search = await openSearch(third.file);
      await log.ensureTopic('tweets', { partitions: 2 });
    });
    afterEach(async () => {
      await view?.close(1_000);
      for (const each of [log, store, search]) await each.close();
      for (const folder of folders.splice(0)) folder.remove();
    });

    const refused: string[] = [];
    const start = async () => {
      view = await runView({
        world: realWorld,
        log,
        store,
        search,
        observer: { trouble() {}, superseded() {}, jumped() {}, refused: (_, { value }) => refused.push(`${value}`) },
        settings: {
          namespace: 'shop',
          name: 'tweets',
          layout,
          sources: ['tweets'],
          shape: shapeOf(),
          deadLetterRetention: 86_400_000,
        },
      });
    };
    const publish = async (...events: object[]) => {
      await log.append(
        'tweets',
        events.map(data => toRecord({ specversion: '1.0', id: 'e', source: '/t', type: 't', data }, 'k')),
      );
    };
    const found = async (text: string) => (await search.search(layout.index, { text })).hits.map(({ id }) => id).sort();

    it('finds what was said, and sets aside documents that do not fit', async () => {
      await start();
      await publish({ id: 'a', text: 'flat whites', likes: 1 }, { id: 'b', text: 'flat', likes: 'many' });
      await publish({ id: 'c', text: 'a flat', likes: 2 }, { id: 'd', text: 'flat' }, { id: 'd', gone: true });
      await until('the last are in', async () => (await found('flat')).length === 2 && refused.length === 1);
      assert.deepEqual(await found('flat'), ['a', 'c']);
      assert.deepEqual(await found('flat whitse'), ['a']);
    });

    it('ends as the events say when the store has lost its positions, and when somebody was ahead', async () => {
      await start();
      await publish({ id: 'a', text: 'one' });
      await until('it is in', async () => (await found('one')).length === 1);
      await publish({ id: 'a', text: 'two' });
      await until('it is in', async () => (await found('two')).length === 1);
      await view?.close(1_000);
      const scope = layout.scopeOf(partitionOf('a', layout.partitions));
      await store.drop(scope);
      // What an owner of before still writes late.
      await search.change(layout.index, [{ kind: 'put', id: 'a', version: 1, document: { id: 'a', text: 'one' } }]);
      await start();
      const partition = partitionOf('a', layout.partitions);
      await until('it was folded again', async () => (await store.position(scope, VIEW_CONSUMER, partition)) === 2);
      assert.deepEqual(await found('two'), ['a']);
      assert.deepEqual(await found('one'), []);
    });
  });
});
