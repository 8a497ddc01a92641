// Reads all articles of the search index in bulk, and puts each into a queue. It does not know who
// works it off, or how fast.
import { setTimeout } from 'node:timers/promises';
import { type Context, event, InvokeError } from 'tenfold';
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

export default event(async (_event, context) => {
  const begun = performance.now();
  const later: Article[] = [];
  let read = 0;
  let readMs = 0;
  let asked = begun;
  for await (const articles of pages(context)) {
    readMs += performance.now() - asked;
    read += articles.length;
    later.push(...(await enqueueAll(context, articles, 'leave out')));
    asked = performance.now();
  }
  await enqueueAll(context, later, 'wait for it');
  const report = { articles: read, readMs: Math.round(readMs), tookMs: Math.round(performance.now() - begun) };
  context.logger.info('all articles are in the queue', report);
  return report;
});

/**
 * All pages as they were at one point in time, so that none is missed or read
 * twice while the index changes.
 */
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

/**
 * `inProgress` says what to do with an article that an earlier import handed over when it was cut
 * off. The queue takes it for half a minute as still under way. Answers with the articles that were
 * left out.
 */
async function enqueueAll(
  context: Context,
  articles: readonly Article[],
  inProgress: 'leave out' | 'wait for it',
): Promise<Article[]> {
  const rest = articles.values();
  const leftOut: Article[] = [];
  const worker = async () => {
    for (const article of rest) {
      while (!(await enqueue(context, article))) {
        if (inProgress === 'leave out') {
          leftOut.push(article);
          break;
        }
        await pause(context, 1);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return leftOut;
}

/**
 * The key makes it the same job when an import is begun again, or goes on after a crash: nothing is
 * done twice. False while another request with this key has not ended.
 */
async function enqueue(context: Context, article: Article): Promise<boolean> {
  for (;;) {
    try {
      await context.enqueue('article-import', article, { idempotencyKey: `${article.id}:${article.version}` });
      return true;
    } catch (error) {
      if (!(error instanceof InvokeError) || error.retryAfterSeconds === undefined) throw error;
      if (error.status === 409) return false;
      await pause(context, error.retryAfterSeconds);
    }
  }
}

async function pause(context: Context, seconds: number): Promise<void> {
  await setTimeout(seconds * 1_000, undefined, { signal: context.signal });
}
