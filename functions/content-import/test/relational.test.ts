// The relational service on a real database: what it keeps, in which order, and what
// it does when it is pushed.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Article } from '../article.ts';
import { articleNumber, articles, UNTITLED_EVERY } from '../search-index/articles.ts';
import { type Service, startService } from './service.ts';

describe('the relational service', () => {
  let service: Service;
  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service.close());

  const save = (...articles: unknown[]) => service.ask('/articles', { articles });
  const counts = async () => (await service.ask('/counts')).body;
  const different = (list: readonly Article[], of: (article: Article) => readonly { id: string }[]) =>
    new Set(list.flatMap(of).map(({ id }) => id)).size;

  it('creates each relation once, and joins it to all articles that name it', async () => {
    const list = articles(60);
    for (const some of [list.slice(0, 40), list.slice(30)]) assert.equal((await save(...some)).status, 200);
    assert.deepEqual(await counts(), {
      sections: different(list, ({ section }) => [section]),
      categories: different(list, ({ categories }) => categories),
      authors: different(list, ({ authors }) => authors),
      assets: different(list, ({ assets }) => assets),
      tags: different(list, ({ tags }) => tags),
      articles: 60,
      article_categories: list.flatMap(({ categories }) => categories).length,
      article_authors: list.flatMap(({ authors }) => authors).length,
      article_assets: list.flatMap(({ assets }) => assets).length,
      article_tags: list.flatMap(({ tags }) => tags).length,
    });
  });

  it('gives an article back as it came', async () => {
    const article = articleNumber(7);
    await save(article);
    const byId = <T extends { id: string }>(list: readonly T[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const { categories, authors, assets, tags } = article;
    const sorted = { categories: byId(categories), authors: byId(authors), assets: byId(assets), tags: byId(tags) };
    assert.deepEqual((await service.ask(`/articles/${article.id}`)).body, { ...article, ...sorted });
    assert.equal((await service.ask('/articles/nothing')).status, 404);
  });

  it('changes nothing when a version comes again or late, and replaces what is older', async () => {
    const first = articleNumber(1);
    const second = { ...first, version: 2, title: 'Changed', tags: [{ id: 'tag-new', name: 'new' }] };
    const outcomes = [];
    for (const version of [first, first, second, first]) outcomes.push((await save(version)).body.results);
    assert.deepEqual(outcomes.flat(), [
      { status: 'created' },
      { status: 'unchanged' },
      { status: 'updated' },
      { status: 'unchanged' },
    ]);
    const { body } = await service.ask(`/articles/${first.id}`);
    assert.partialDeepStrictEqual(body, { version: 2, title: 'Changed', tags: [{ id: 'tag-new' }] });
  });

  it('refuses single articles, and saves the others', async () => {
    const { body } = await save(articleNumber(0), articleNumber(UNTITLED_EVERY - 1), { id: '?' }, articleNumber(1));
    const [first, untitled, nonsense, last] = body.results as { status: string; reason?: string }[];
    assert.deepEqual([first, last], [{ status: 'created' }, { status: 'created' }]);
    assert.deepEqual(untitled, { status: 'refused', reason: 'An article needs a title.' });
    assert.equal(nonsense?.status, 'refused');
    assert.equal((await counts()).articles, 2);
  });

  it('saves nothing of a batch in which something leads nowhere', async () => {
    const astray = {
      ...articleNumber(1),
      assets: [{ id: 'photo-x', url: 'https://x.example/x.jpg', credit: 'nobody' }],
    };
    const { status, body } = await save(articleNumber(0), astray);
    assert.equal(status, 422);
    assert.match(String(body.error), /FOREIGN KEY/);
    assert.equal((await counts()).articles, 0);
  });

  it('pages through all articles by id', async () => {
    await save(...articles(25));
    const ids: string[] = [];
    for (let after = ''; ; after = ids.at(-1) ?? '') {
      const { body } = await service.ask(`/articles?limit=10&after=${after}`);
      const page = body.articles as { id: string }[];
      if (page.length === 0) break;
      ids.push(...page.map(({ id }) => id));
    }
    assert.deepEqual(
      ids,
      articles(25).map(({ id }) => id),
    );
  });

  for (const [name, path, body] of [
    ['what is no batch', '/articles', { articles: [] }],
    ['a batch that is too large', '/articles', { articles: Array(201).fill({}) }],
  ] as const) {
    it(`refuses ${name}`, async () => {
      assert.equal((await service.ask(path, body)).status, 400);
    });
  }
});

describe('the relational service when it is pushed', () => {
  it('loses work to the lock, says so, and keeps every article that it acknowledged', async () => {
    const service = await startService({ connections: 8, roundTripMs: 1 });
    try {
      const list = articles(40);
      const answers = await Promise.all(list.map(article => service.ask('/articles', { articles: [article] })));
      assert.ok(Number((await service.ask('/load')).body.aborted) > 0, 'some tries were in vain');
      const acknowledged = list.filter((_, index) => answers[index]?.status === 200).map(({ id }) => id);
      const { body } = await service.ask('/articles?limit=200');
      const kept = (body.articles as { id: string }[]).map(({ id }) => id);
      assert.deepEqual(kept, acknowledged);
    } finally {
      await service.close();
    }
  });

  it('answers 503 with Retry-After when the lock is not to be had', async () => {
    const service = await startService({ patienceMs: 150 });
    const other = new DatabaseSync(service.file);
    try {
      other.exec('BEGIN EXCLUSIVE');
      const { status, headers } = await service.ask('/articles', { articles: [articleNumber(0)] });
      assert.deepEqual([status, headers.get('retry-after')], [503, '1']);
      other.exec('ROLLBACK');
      assert.equal((await service.ask('/articles', { articles: [articleNumber(0)] })).status, 200);
      assert.equal((await service.ask('/load')).body.refused, 1);
    } finally {
      other.close();
      await service.close();
    }
  });

  it('answers 503 at once when too much is waiting', async () => {
    const service = await startService({ connections: 1, waiting: 2, roundTripMs: 5 });
    try {
      const all = articles(6).map(article => service.ask('/articles', { articles: [article] }));
      const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, 200, 200, 503, 503, 503]);
    } finally {
      await service.close();
    }
  });
});
