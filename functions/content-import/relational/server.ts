// The relational service over HTTP. When the database is locked up it answers 503 with
// Retry-After, as such services do.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod';
import { Article } from '../article.ts';
import { Busy, type Pool } from './pool.ts';
import type { Saved } from './save-articles.ts';

const MAX_BODY = 16 * 1024 * 1024;
const MAX_ARTICLES = 200;
const RETRY_AFTER_S = 1;

const Batch = z.strictObject({ articles: z.array(z.unknown()).min(1).max(MAX_ARTICLES) });

/** How it went with one article. */
export type Outcome = { readonly status: Saved } | { readonly status: 'refused'; readonly reason: string };

/** The work that the service has done since its start. */
export interface WorkReport {
  requests: number;
  articles: number;
  /** Milliseconds that the requests took, all together. */
  tookMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function createService(pool: Pool): Server {
  const work: WorkReport = { requests: 0, articles: 0, tookMs: 0 };

  async function answer(method: string, url: URL, read: () => Promise<unknown>): Promise<Answer> {
    const { pathname: path, searchParams: query } = url;
    if (method === 'POST' && path === '/articles')
      return { status: 200, body: { results: await save(Batch.parse(await read())) } };
    if (method !== 'GET') return { status: 405, body: { error: 'only articles are posted' } };
    if (path === '/load') return { status: 200, body: { ...pool.load(), ...work } };
    if (path === '/counts') return { status: 200, body: await pool.run({ kind: 'count' }) };
    if (path === '/articles') {
      const limit = Math.min(Math.max(Number.parseInt(query.get('limit') ?? '', 10) || 50, 1), MAX_ARTICLES);
      return {
        status: 200,
        body: { articles: await pool.run({ kind: 'page', after: query.get('after') ?? '', limit }) },
      };
    }
    const id = /^\/articles\/([a-z0-9-]{1,64})$/.exec(path)?.[1];
    const article = id === undefined ? undefined : await pool.run({ kind: 'article', id });
    return article ? { status: 200, body: article } : { status: 404, body: { error: 'there is no such article' } };
  }

  /** Articles that cannot be right are refused one by one; the others are saved together. */
  async function save({ articles }: z.output<typeof Batch>): Promise<Outcome[]> {
    const checked = articles.map(article => Article.safeParse(article));
    const right = checked.flatMap(({ data }) => data ?? []);
    const begun = performance.now();
    const saved = right.length === 0 ? [] : ((await pool.run({ kind: 'save', articles: right })) as Saved[]);
    work.requests++;
    work.articles += saved.length;
    work.tookMs += performance.now() - begun;
    const outcomes = saved.values();
    return checked.map(({ error }): Outcome => {
      if (error) return { status: 'refused', reason: error.issues.map(({ message }) => message).join(' ') };
      return { status: outcomes.next().value ?? 'unchanged' };
    });
  }

  return createServer((request, response) => {
    answer(request.method ?? 'GET', new URL(request.url ?? '/', 'http://service.invalid'), () => readJson(request))
      .catch((error): Answer => {
        if (error instanceof Busy) {
          return { status: 503, body: { error: error.message }, headers: { 'retry-after': String(RETRY_AFTER_S) } };
        }
        const wrong = error instanceof SyntaxError || error instanceof z.ZodError;
        return { status: wrong ? 400 : 422, body: { error: error instanceof Error ? error.message : String(error) } };
      })
      .then(({ status, body, headers }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      });
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new SyntaxError(`a body may have ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}
