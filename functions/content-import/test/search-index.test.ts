// The search index, and the reader that pages through it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { http, problem, retryAfter } from 'tenfold';
import { createTestContext, deliver } from 'tenfold/testing';
import { Article } from '../article.ts';
import reader from '../reader.ts';
import { articles, UNTITLED_EVERY } from '../search-index/articles.ts';
import { createSearchIndex } from '../search-index/server.ts';

const COUNT = 1_203;
const documents = articles(COUNT);
let url: string;

/** To be called in `describe`. */
function serveArticles(): void {
  const server = createSearchIndex('articles', documents.toReversed());
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
}

async function ask(method: string, path: string, body?: unknown) {
  const answer = await fetch(url + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** A context in which the function `search-index` is the server of these articles. */
function contextOf(refusals: Error[] = []) {
  const context = createTestContext({
    timeoutMs: 10_000,
    functions: {
      'search-index': http(async request => {
        const { status, body } = await ask(request.method, request.path, await request.json().catch(() => undefined));
        return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
      }),
    },
    queues: {
      'article-import': () => {
        const refusal = refusals.pop();
        if (refusal) throw refusal;
      },
    },
  });
  return context;
}

describe('the articles', () => {
  it('are the same ones each time', () => {
    assert.deepEqual(articles(3), documents.slice(0, 3));
  });

  it('are right, but for those without a title', () => {
    const wrong = documents.filter(document => !Article.safeParse(document).success);
    assert.deepEqual(
      wrong.map(({ id }) => id),
      documents.filter((_, number) => number % UNTITLED_EVERY === UNTITLED_EVERY - 1).map(({ id }) => id),
    );
    assert.equal(wrong.length, 2);
  });
});

describe('the search index', () => {
  serveArticles();

  const search = (more: object) => ({ query: { match_all: {} }, sort: [{ id: 'asc' }], ...more });

  it('counts its documents', async () => {
    assert.deepEqual(await ask('GET', '/articles/_count'), { status: 200, body: { count: COUNT } });
  });

  it('gives pages by id, each document with the place where the next page begins', async () => {
    const pit = (await ask('POST', '/articles/_pit?keep_alive=1m')).body;
    const { body } = await ask('POST', '/_search', search({ size: 2, pit, search_after: ['article-000006'] }));
    const { hits } = body.hits as { hits: { _id: string; sort: string[] }[] };
    assert.deepEqual(
      hits.map(({ _id, sort }) => [_id, sort]),
      [
        ['article-000007', ['article-000007']],
        ['article-000008', ['article-000008']],
      ],
    );
  });

  it('knows a point in time until it is closed', async () => {
    const { id } = (await ask('POST', '/articles/_pit?keep_alive=1m')).body;
    assert.equal((await ask('DELETE', '/_pit', { id })).status, 200);
    assert.equal((await ask('POST', '/_search', search({ size: 1, pit: { id } }))).status, 404);
    assert.equal((await ask('DELETE', '/_pit', { id })).status, 404);
  });

  const refused: Record<string, [string, string, unknown, number]> = {
    'an index that it does not have': ['POST', '/books/_pit', undefined, 404],
    'a query that it does not know': ['POST', '/_search', { pit: { id: 'x' }, sort: [{ id: 'asc' }], knn: {} }, 400],
  };
  for (const [name, [method, path, body, status]] of Object.entries(refused)) {
    it(`refuses ${name}`, async () => {
      assert.equal((await ask(method, path, body)).status, status);
    });
  }
});

describe('the reader', () => {
  serveArticles();

  it('puts each article into the queue once, under a key that makes it the same job next time', async () => {
    const context = contextOf();
    const { body } = await deliver(reader, {}, context);
    assert.partialDeepStrictEqual(body, { articles: COUNT });
    assert.deepEqual(
      context.enqueued.map(({ data }) => (data as Article).id).sort(),
      documents.map(({ id }) => id),
    );
    assert.equal(context.enqueued[0]?.idempotencyKey, 'article-000000:1');
    assert.ok(context.enqueued.every(({ queue }) => queue === 'article-import'));
  });

  const refusals: Record<string, Error> = {
    'waits as long as the queue says when that takes no more': retryAfter(0, 'too much is waiting'),
    'comes back to what another import is handing over': problem(409, { retryAfterSeconds: 1 }),
  };
  for (const [name, refusal] of Object.entries(refusals)) {
    it(name, async () => {
      const context = contextOf(Array(40).fill(refusal));
      const { body } = await deliver(reader, {}, context);
      assert.partialDeepStrictEqual(body, { articles: COUNT });
      assert.equal(new Set(context.enqueued.map(({ data }) => (data as Article).id)).size, COUNT);
      assert.equal(context.enqueued.length, COUNT);
    });
  }
});
