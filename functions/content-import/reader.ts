// Reads all articles of the search index in bulk, and puts each into the queue. It does not know who works it off, or how fast.
import { type Context, http, InvokeError } from 'tenfold';
import type { Article } from './article.ts';

/** Articles in one answer of the index. */
const PAGE = 500;
/** Jobs handed over at the same time. */
const AT_ONCE = 32;
const KEEP_ALIVE = '1m';

interface Found {
  readonly pit_id: string;
  readonly hits: { readonly hits: readonly { readonly _source: Article; readonly sort: unknown[] }[] };
}

export default http({
  'POST /imports': async (_request, context) => {
    let read = 0;
    let readMs = 0;
    let begun = performance.now();
    for await (const articles of pages(context)) {
      readMs += performance.now() - begun;
      read += articles.length;
      await enqueueAll(context, articles);
      begun = performance.now();
    }
    context.logger.info('articles are in the queue', { articles: read, readMs: Math.round(readMs) });
    return { articles: read, readMs: Math.round(readMs) };
  },
});

/** All pages as they were at one point in time, so that none is missed or read twice while the index changes. */
async function* pages(context: Context): AsyncGenerator<Article[]> {
  const ask = async <T>(method: string, path: string, body?: unknown) =>
    (await context.invoke('search-index', { method, path, ...(body === undefined ? {} : { body }) })).body as T;
  let { id } = await ask<{ id: string }>('POST', `/articles/_pit?keep_alive=${KEEP_ALIVE}`);
  try {
    for (let after: unknown[] | undefined; ; ) {
      const answer: Found = await ask('POST', '/_search', {
        size: PAGE,
        query: { match_all: {} },
        pit: { id, keep_alive: KEEP_ALIVE },
        sort: [{ id: 'asc' }],
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: after }),
      });
      const { hits } = answer.hits;
      // It may change from page to page; only the newest one counts.
      id = answer.pit_id;
      if (hits.length > 0) yield hits.map(({ _source }) => _source);
      if (hits.length < PAGE) return;
      after = hits.at(-1)?.sort;
    }
  } finally {
    await ask('DELETE', '/_pit', { id }).catch(error => context.logger.warn('a point in time stays open', { error }));
  }
}

async function enqueueAll(context: Context, articles: readonly Article[]): Promise<void> {
  const rest = articles.values();
  const worker = async () => {
    for (const article of rest) await enqueue(context, article);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The key makes it the same job when an import is begun again, so nothing is done twice. */
async function enqueue(context: Context, article: Article): Promise<void> {
  for (;;) {
    try {
      await context.enqueue('article-import', article, { idempotencyKey: `${article.id}:${article.version}` });
      return;
    } catch (error) {
      const seconds = error instanceof InvokeError ? error.retryAfterSeconds : undefined;
      if (seconds === undefined || seconds * 1_000 > context.remainingMs()) throw error;
      await new Promise(resolve => setTimeout(resolve, seconds * 1_000));
    }
  }
}
