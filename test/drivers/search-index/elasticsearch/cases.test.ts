// The search index on Elasticsearch beyond the contract: several processes, indexes that change
// under questions, what is swept, what is too much.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { openElasticsearch } from '../../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import { openElasticsearchLink } from '../../../../drivers/search-index/elasticsearch/link.ts';
import { openIndex } from '../../../../drivers/search-index/elasticsearch/mapping.ts';
import { sweepIndex } from '../../../../drivers/search-index/elasticsearch/sweep.ts';
import type { DocumentChange, SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import { indexSettings } from '../../../../drivers/search-index/settings.ts';
import { TOMBSTONE_MS } from '../../../../drivers/search-index/tombstone.ts';
import { idsOf, indexOf, newIndex, rejectsWith } from '../../../contract/search-index/subject.ts';
import { elasticsearch } from '../../../services/elasticsearch.ts';
import { findService } from '../../../services/service.ts';

const TEXT = { fields: { t: { type: 'text' as const, suggest: true } } };
const OTHER = { fields: { n: { type: 'number' as const }, t: { type: 'text' as const, suggest: true, fuzzy: true } } };
const put = (id: string, version: number, t: unknown): DocumentChange => ({
  kind: 'put',
  id,
  version,
  document: { t },
});
const service = findService(elasticsearch);
const url = () => (service ?? assert.fail('Elasticsearch is not here.')).url();

const prefix = `test-${process.pid}-${Date.now().toString(36)}-`;
const opened: SearchIndex[] = [];
let search: SearchIndex;
const lines: string[] = [];
const open = async (more: { maxAnswerBytes?: number; now?: () => number } = {}) => {
  const world = more.now ? { ...realWorld, now: more.now } : realWorld;
  const connection = { nodes: [url()] };
  const one = await openElasticsearch({
    world,
    connection,
    prefix,
    maxAnswerBytes: more.maxAnswerBytes,
    log: (level, message) => lines.push(`${level} ${message}`),
  });
  opened.push(one);
  return one;
};
const raw = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`${url()}/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, body: JSON.parse((await answer.text()) || '{}') };
};

if (service)
  describe('the search index on Elasticsearch', () => {
    before(async () => {
      search = await open();
    });
    after(async () => {
      const left = await search.indexes('');
      await Promise.all(left.map(({ name }) => search.dropIndex(name)));
      await Promise.all(opened.map(each => each.close()));
    });

    describeProcesses();
    describeDocuments();
    describeLimits();
  });

function describeProcesses(): void {
  it('answers rightly when another process has made the index anew with other settings', async () => {
    const other = await open();
    const name = await indexOf(search, TEXT, { a: { t: 'latte' } });
    assert.deepEqual(await idsOf(other, name, { text: 'latte' }), ['a']);
    await search.dropIndex(name);
    await search.ensureIndex(name, OTHER);
    await search.change(name, [put('b', 1, 'latte')]);
    await search.refresh(name);
    assert.deepEqual(await idsOf(other, name, { text: 'lattte' }), ['b']);
    await other.suggest(name, { field: 't', text: 'lat' });

    const third = await open();
    await third.search(name, {});
    await search.dropIndex(name);
    await search.ensureIndex(name, TEXT);
    assert.deepEqual(await third.change(name, [put('c', 1, 'latte')]), [{ kind: 'written' }]);
    await search.refresh(name);
    assert.deepEqual(await other.suggest(name, { field: 't', text: 'lat' }), ['latte']);
    assert.deepEqual(await idsOf(search, name, { text: 'latte' }), ['c']);
  });

  it('follows an alias that another process points elsewhere', async () => {
    const other = await open();
    const [first, second] = [
      await indexOf(search, TEXT, { a: { t: 'x' } }),
      await indexOf(search, OTHER, { b: { t: 'x', n: 7 } }),
    ];
    const alias = newIndex();
    await search.pointAliases({ [alias]: first });
    assert.deepEqual(await idsOf(other, alias, {}), ['a']);
    await search.pointAliases({ [alias]: second });
    assert.deepEqual(await idsOf(other, alias, {}), ['b']);
    assert.deepEqual(await idsOf(other, alias, { filter: { field: 'n', from: 7 } }), ['b']);
    await rejectsWith('conflict', search.pointAliases({ [first]: undefined }));
  });

  it('makes no index by writing to one that another process has dropped', async () => {
    const other = await open();
    const name = await indexOf(search, TEXT, { a: { t: 'x' } });
    await other.search(name, {});
    await search.dropIndex(name);
    await rejectsWith('not-found', other.change(name, [put('a', 2, 'x')]));
    assert.deepEqual(await search.indexes(name), []);
  });

  it('is made once by processes that begin together', async () => {
    const others = await Promise.all([open(), open(), open()]);
    const name = newIndex();
    await Promise.all(others.map(each => each.ensureIndex(name, TEXT)));
    await rejectsWith('conflict', search.ensureIndex(name, OTHER));
  });

  it('leaves indexes alone that others have made', async () => {
    const foreign = newIndex();
    await raw('PUT', prefix + foreign);
    await rejectsWith('conflict', search.ensureIndex(foreign, TEXT));
    await rejectsWith('conflict', search.search(foreign, {}));
    assert.deepEqual(await search.indexes(foreign), []);
    await raw('DELETE', prefix + foreign);
  });

  it('refuses an index in a format of another release, and says what to do', async () => {
    const name = await indexOf(search, TEXT, { a: { t: 'x' } });
    const { body } = await raw('GET', `${prefix}${name}/_mapping`);
    const { tenfold } = body[prefix + name].mappings._meta;
    const later = { _meta: { tenfold: { ...tenfold, format: tenfold.format + 1 } } };
    assert.equal((await raw('PUT', `${prefix}${name}/_mapping`, later)).status, 200);
    const other = await open();
    const refused = { code: 'conflict', message: /another version of it. Rebuild what it serves/ };
    await assert.rejects(other.search(name, {}), refused);
    await assert.rejects(other.change(name, [put('a', 2, 'y')]), refused);
    await assert.rejects(other.ensureIndex(name, TEXT), refused);
  });
}

function describeDocuments(): void {
  it('keeps documents whose members have names that Elasticsearch would not take', async () => {
    const text =
      '{"":1,"a..b":[{"":{".":2}}],".":3,"x.":-1.5e300,"__proto__":{"a":1},"constructor":{"prototype":1},"big":123456789012345680000,"t":"word"}';
    const document = JSON.parse(text);
    const lone = { t: 'half \ud800 a letter', '\udfff': 1 };
    const name = await indexOf(search, TEXT, { a: document, 'ü/ ?#%': lone });
    const { hits } = await search.search(name, { text: 'word' });
    assert.deepEqual(hits[0]?.document, document);
    assert.deepEqual((await search.document(name, 'a'))?.document, document);
    assert.deepEqual((await search.document(name, 'ü/ ?#%'))?.document, lone);
    for (const id of ['', 'x'.repeat(600), '\ud800']) assert.equal(await search.document(name, id), undefined);
  });

  it('sweeps what is over: late writes still lose, what was written meanwhile stays', async () => {
    let now = Date.now();
    const link = await openElasticsearchLink({
      world: realWorld,
      connection: { nodes: [url()] },
      requestTimeoutMs: 10_000,
      maxPendingBytes: 1 << 20,
      maxAnswerBytes: 1 << 20,
      log() {},
    });
    const site = { world: realWorld, clock: { now: async () => now }, link };
    const name = newIndex();
    await search.ensureIndex(name, TEXT);
    const short = (id: string): DocumentChange => ({
      kind: 'put',
      id,
      version: 5,
      document: { t: 'x' },
      ttlMs: 60_000,
    });
    await search.change(name, [short('a'), short('b'), put('c', 5, 'x'), { kind: 'delete', id: 'd', version: 5 }]);
    await search.refresh(name);
    const index = openIndex(prefix + name, JSON.stringify(indexSettings.parse(TEXT)));
    assert.equal(await sweepIndex(site, index), 0);
    now += 120_000;
    // Not refreshed: the sweep finds the older one, and leaves the newer one alone.
    await search.change(name, [put('b', 6, 'newer')]);
    assert.equal(await sweepIndex(site, index), 2);
    assert.equal(await sweepIndex(site, index), 0);
    assert.equal((await search.document(name, 'b'))?.version, 6);
    assert.deepEqual(await search.change(name, [put('a', 4, 'late'), put('d', 4, 'late')]), [
      { kind: 'outdated' },
      { kind: 'outdated' },
    ]);
    const count = async () => (await raw('GET', `${prefix}${name}/_count`)).body.count;
    await search.refresh(name);
    assert.equal(await count(), 4);
    now += TOMBSTONE_MS;
    assert.equal(await sweepIndex(site, index), 2);
    assert.equal(await count(), 2);
    assert.deepEqual((await idsOf(search, name, {})).sort(), ['b', 'c']);
    await link.close();
  });

  it('goes by the clock of Elasticsearch, whatever those of processes say', async () => {
    const DAY_MS = 86_400_000;
    const [ahead, behind] = await Promise.all([DAY_MS, -DAY_MS].map(by => open({ now: () => Date.now() + by })));
    assert.ok(ahead && behind);
    const name = newIndex();
    await search.ensureIndex(name, TEXT);
    const hour = (id: string): DocumentChange => ({
      kind: 'put',
      id,
      version: 1,
      document: { t: id },
      ttlMs: 3_600_000,
    });
    await ahead.change(name, [hour('ahead')]);
    await behind.change(name, [hour('behind')]);
    await search.refresh(name);
    for (const each of [ahead, behind, search]) {
      assert.deepEqual((await idsOf(each, name, {})).sort(), ['ahead', 'behind']);
      assert.deepEqual(await each.suggest(name, { field: 't', text: 'beh', limit: 3 }), ['behind']);
      assert.equal((await each.document(name, 'behind'))?.version, 1);
    }
    const stored = async (id: string) => (await raw('GET', `${prefix}${name}/_doc/${id}`)).body._source.expires;
    const apart = Math.abs((await stored('ahead')) - (await stored('behind')));
    assert.ok(apart < 600_000, `${apart} ms`);
  });
}

function describeLimits(): void {
  it('says so when an answer is too large, and answers the narrower question', async () => {
    const limited = await open({ maxAnswerBytes: 100_000 });
    const documents = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`d${n}`, { t: 'x '.repeat(10_000) }]));
    const name = await indexOf(search, TEXT, documents);
    await rejectsWith('body-too-large', limited.search(name, { limit: 9 }));
    assert.equal((await limited.search(name, { limit: 2 })).hits.length, 2);
    assert.equal((await limited.search(name, { limit: 2 })).total.count, 9);
  });

  it('takes as many words and fields as a question may have, or says that they are too many', async () => {
    const field = { type: 'text' as const, fuzzy: true, phonetic: true, language: 'en' };
    const fields = Object.fromEntries(Array.from({ length: 128 }, (_, n) => [`t${n}`, field]));
    const name = await indexOf(search, { fields }, { a: { t0: 'coffee' } });
    const words = Array.from({ length: 32 }, (_, n) => `coffee${'abcdefghijklmnopqrstuvwxyzabcdef'[n]}${n}`);
    await rejectsWith('invalid-input', search.search(name, { text: words.join(' ') }));
    assert.deepEqual(await idsOf(search, name, { text: 'cofee' }), ['a']);
  });

  it('counts as far as pages go, and pages as far as it may', async () => {
    const name = newIndex();
    await search.ensureIndex(name, TEXT);
    for (let from = 0; from < 11_000; from += 1000)
      await search.change(
        name,
        Array.from({ length: 1000 }, (_, n) => put(String(from + n).padStart(6, '0'), 1, 'word')),
      );
    await search.refresh(name);
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await search.search(name, { limit: 999, after });
      assert.deepEqual(page.total, { count: 10_000, isExact: false });
      ids.push(...page.hits.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual([ids.length, new Set(ids).size, ids.at(-1)], [10_000, 10_000, '009999']);
  });

  it('is as well as the cluster is, and tells when that changes', async () => {
    assert.deepEqual(await search.health(), { ok: true });
    lines.length = 0;
    const name = `${newIndex()}-red`;
    const nowhere = { 'index.routing.allocation.require._name': 'nobody' };
    await raw('PUT', `${prefix}${name}?wait_for_active_shards=0`, { settings: nowhere });
    try {
      await search.health();
      const { ok, reason } = await search.health();
      assert.equal(ok, false);
      assert.match(reason ?? '', /Elasticsearch is red: \d+ shards/);
      assert.deepEqual(lines, [`warn ${reason}`]);
    } finally {
      await raw('DELETE', prefix + name);
    }
    assert.deepEqual(await search.health(), { ok: true });
    assert.equal(lines[1], 'info Elasticsearch is not red any more.');
  });
}
