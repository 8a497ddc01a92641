// What Elasticsearch may answer to a write: 200 with an outcome of each document, or that it can do
// nothing now. None of it is lost or taken for done.
import assert from 'node:assert/strict';
import { realWorld, type World } from '../../../../core/world.ts';
import { openElasticsearch } from '../../../../drivers/search-index/elasticsearch/elasticsearch-search-index.ts';
import type { DocumentChange, SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import { rejectsWith } from '../../../contract/search-index/subject.ts';
import { type Scripted, type ScriptedServer, startScripted } from './scripted-server.ts';

/** Pauses are a fiftieth of what they are. */
const hurried: World = { ...realWorld, random: () => 0.5, after: (ms, run) => realWorld.after(ms / 50, run) };
const put = (id: string, version = 1, t = 'x'): DocumentChange => ({ kind: 'put', id, version, document: { t } });
const NO_ROOM = { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'the queue is full' } };
const AGAIN_AND_AGAIN = Array.from({ length: 9 }, () => [NO_ROOM]);
const WHOLE_429 = { status: 429, body: { error: { type: 'circuit_breaking_exception', reason: 'data too large' } } };

describe('answers of Elasticsearch', () => {
  let server: ScriptedServer | undefined;
  let search: SearchIndex | undefined;
  afterEach(async () => {
    await search?.close();
    await server?.close();
  });

  async function withAnswers(...script: Scripted[]): Promise<{ search: SearchIndex; server: ScriptedServer }> {
    server = await startScripted('t-shops', script);
    search = await openElasticsearch({
      world: hurried,
      connection: { nodes: [server.url] },
      prefix: 't-',
      requestTimeoutMs: 250_000,
    });
    return { search, server };
  }

  it('200 with documents that it had no room for: they alone are sent again, until they are taken', async () => {
    const { search, server } = await withAnswers([201, NO_ROOM, 503, 409], [503, 201], [200]);
    const outcomes = await search.change('shops', [put('a'), put('b'), put('c'), put('d')]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['written', 'written', 'written', 'outdated'],
    );
    assert.deepEqual(server.bulks, [['a', 'b', 'c', 'd'], ['b', 'c'], ['b']]);
  });

  it('200 with documents that it has no room for again and again: nobody is told that they were written', async () => {
    const { search, server } = await withAnswers([201, NO_ROOM], ...AGAIN_AND_AGAIN);
    await assert.rejects(search.change('shops', [put('a'), put('b')]), error => {
      assert.match(String(error), /did not take 1 of the documents, again and again \(429\): the queue is full/);
      return true;
    });
    assert.equal(server.bulks.length, 6);
    assert.deepEqual(server.bulks.at(-1), ['b']);
  });

  it('of none that has room: the caller may come again, as nothing has happened', async () => {
    const { search } = await withAnswers(...AGAIN_AND_AGAIN);
    await rejectsWith('overloaded', search.change('shops', [put('a')]));
  });

  it('a version that is not higher: that is no error', async () => {
    const { search } = await withAnswers([409, 409]);
    const outcomes = await search.change('shops', [put('a'), { kind: 'delete', id: 'b', version: 1 }]);
    assert.deepEqual(outcomes, [{ kind: 'outdated' }, { kind: 'outdated' }]);
  });

  it('a document that it cannot read: it alone is refused, with all of the reason', async () => {
    const caused_by = { type: 'x', reason: 'below', caused_by: { type: 'x', reason: 'deepest' } };
    const { search } = await withAnswers([
      201,
      { status: 400, error: { type: 'parse', reason: 'top', caused_by } },
      201,
    ]);
    assert.deepEqual(await search.change('shops', [put('a'), put('b'), put('c')]), [
      { kind: 'written' },
      { kind: 'refused', reason: 'top: below: deepest' },
      { kind: 'written' },
    ]);
  });

  it('an index that is gone', async () => {
    const error = { type: 'index_not_found_exception', reason: 'no such index [t-shops~]' };
    const { search } = await withAnswers([{ status: 404, error }]);
    await rejectsWith('not-found', search.change('shops', [put('a')]));
  });

  it('a disk that is full, or an index that takes no writes: the caller is to try again', async () => {
    const error = { type: 'cluster_block_exception', reason: 'index blocked by: FORBIDDEN/8/index write (api)' };
    const { search } = await withAnswers([{ status: 403, error }]);
    await rejectsWith('store-unavailable', search.change('shops', [put('a')]));
  });

  it('that it can do nothing now: the whole is sent again', async () => {
    const unavailable = { status: 503, body: { error: { type: 'cluster_block_exception', reason: 'no master' } } };
    const html = { status: 502, body: '<html>', headers: { 'content-type': 'text/html' } };
    const { search, server } = await withAnswers(WHOLE_429, unavailable, html);
    assert.deepEqual(await search.change('shops', [put('a')]), [{ kind: 'written' }]);
    assert.equal(server.bulks.length, 4);
  });

  it('that it can do nothing now, again and again', async () => {
    const { search, server } = await withAnswers(WHOLE_429, WHOLE_429, WHOLE_429, WHOLE_429);
    await rejectsWith('overloaded', search.change('shops', [put('a')]));
    assert.equal(server.bulks.length, 4);
  });

  it('none, as the connection breaks: the whole is sent again', async () => {
    const { search, server } = await withAnswers('drop', 'drop', [409]);
    assert.deepEqual(await search.change('shops', [put('a')]), [{ kind: 'outdated' }]);
    assert.equal(server.bulks.length, 3);
  });

  it('more than it takes at once: it gets halves, and what is too large alone is refused', async () => {
    const tooLarge = { status: 413, body: 'Request Entity Too Large', headers: { 'content-type': 'text/plain' } };
    const { search, server } = await withAnswers(tooLarge, tooLarge, [201], tooLarge);
    const outcomes = await search.change('shops', [put('a'), put('b'), put('c'), put('d')]);
    assert.deepEqual(server.bulks, [['a', 'b', 'c', 'd'], ['a', 'b'], ['a'], ['b'], ['c', 'd']]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['written', 'refused', 'written', 'written'],
    );
  });

  const senseless: readonly [string, Scripted][] = [
    ['fewer documents than it was sent', [201]],
    ['no JSON', { status: 200, body: '{"items": [' }],
    [
      'from something that is not Elasticsearch',
      { status: 200, body: '{}', headers: { 'x-elastic-product': 'Other' } },
    ],
    [
      'that it does not know who asks',
      { status: 401, body: { error: { type: 'security_exception', reason: 'who?' } } },
    ],
    [
      'that it is of another time',
      { status: 400, body: { error: { type: 'media_type_header_exception', reason: 'Invalid media-type value' } } },
    ],
    ['that something went wrong', { status: 500, body: { error: { type: 'npe', reason: 'null' } } }],
  ];
  for (const [what, answer] of senseless) {
    it(`${what}: nobody is told that anything was written`, async () => {
      const { search } = await withAnswers(answer);
      await rejectsWith('store-unavailable', search.change('shops', [put('a'), put('b')]));
    });
  }

  it('many large documents go in several requests', async () => {
    const { search, server } = await withAnswers();
    const large = Array.from({ length: 9 }, (_, n) => put(`d${n}`, 1, 'x'.repeat(1_000_000)));
    const outcomes = await search.change('shops', large);
    assert.ok(outcomes.every(({ kind }) => kind === 'written'));
    assert.ok(
      server.bulks.length >= 3 && server.bulks.every(ids => ids.length <= 4),
      String(server.bulks.map(ids => ids.length)),
    );
  });
});
