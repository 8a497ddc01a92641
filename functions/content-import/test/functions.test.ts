// The functions that work jobs off, against a relational service of the test's own.
import assert from 'node:assert/strict';
import { http, problem, retryAfter } from 'tenfold';
import { createTestContext, deliver, deliverBatch } from 'tenfold/testing';
import type { Article } from '../article.ts';
import articleImport from '../article-import.ts';
import report from '../report.ts';
import saveArticle from '../save-article.ts';
import { articleNumber, articles } from '../search-index/articles.ts';

function contextWith(answer: (articles: readonly Article[]) => unknown) {
  return createTestContext({
    errors: 'answer',
    functions: {
      relational: http({
        'POST /articles': async request => ({
          results: answer(((await request.json()) as { articles: Article[] }).articles),
        }),
      }),
    },
  });
}

const jobs = articles(3).map(data => ({ id: data.id, data }));

describe('importing articles', () => {
  it('hands the whole batch over in one call', async () => {
    const context = contextWith(batch => batch.map(() => ({ status: 'created' })));
    const { status } = await deliverBatch(articleImport, jobs, context);
    assert.equal(status, 204);
    assert.equal(context.invoked.length, 1);
    assert.deepEqual(context.invoked[0]?.body, { articles: articles(3) });
  });

  it('gives up what the service refuses, with its reason, and nothing else', async () => {
    const outcomes = [
      { status: 'created' },
      { status: 'refused', reason: 'An article needs a title.' },
      { status: 'unchanged' },
    ];
    const { results } = await deliverBatch(
      articleImport,
      jobs,
      contextWith(() => outcomes),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      [204, 422, 204],
    );
    assert.partialDeepStrictEqual(results[1]?.error, { detail: 'An article needs a title.' });
  });

  const failures: Record<string, [Error, number, string | undefined]> = {
    'tries the batch again no sooner than a locked service says': [retryAfter(3), 503, '3'],
    'fails a batch for good that the service cannot take': [problem(422), 422, undefined],
    'tries again when it is not known what happened': [problem(502), 500, undefined],
  };
  for (const [name, [error, status, seconds]] of Object.entries(failures)) {
    it(name, async () => {
      const failing = contextWith(() => {
        throw error;
      });
      const answer = await deliverBatch(articleImport, jobs, failing);
      assert.deepEqual([answer.status, answer.headers['retry-after']], [status, seconds]);
    });
  }
});

describe('saving an article', () => {
  const data = articleNumber(0);

  it('answers with what became of it and where it is', async () => {
    const { event } = await deliver(
      saveArticle,
      { data },
      contextWith(() => [{ status: 'created' }]),
    );
    assert.deepEqual(event?.data, {
      article: data.id,
      version: 1,
      outcome: 'created',
      at: `/content/articles/${data.id}`,
    });
  });

  it('says what is wrong with it, without asking the service', async () => {
    const context = contextWith(() => assert.fail('it was asked'));
    const { status, body } = await deliver(saveArticle, { data: { ...data, title: ' ' } }, context);
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /needs a title/);
  });
});

describe('the report', () => {
  it('counts all articles, page by page', async () => {
    const all = Array.from({ length: 250 }, (_, number) => ({
      id: `article-${String(number).padStart(3, '0')}`,
      title: 'x',
      section: number % 5 === 0 ? 'city' : 'world',
      characters: 10,
    }));
    const context = createTestContext({
      functions: {
        relational: http({
          'GET /articles': ({ query }) => ({
            articles: all.filter(({ id }) => id > String(query['after'] ?? '')).slice(0, Number(query['limit'])),
          }),
        }),
      },
    });
    const { event } = await deliver(report, {}, context);
    assert.deepEqual(event?.data, {
      articles: 250,
      sections: { city: { articles: 50, characters: 500 }, world: { articles: 200, characters: 2_000 } },
    });
    assert.equal(context.invoked.length, 3);
  });
});
