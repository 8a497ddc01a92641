// A search index over HTTP: what the import needs of Elasticsearch's API and nothing more, in its
// words: _count, _pit, _search.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod';
import type { Article } from '../article.ts';

const MAX_BODY = 64 * 1024;
/** As Elasticsearch's `index.max_result_window`. */
const MAX_SIZE = 10_000;

const Search = z.strictObject({
  size: z.int().min(0).max(MAX_SIZE).default(10),
  query: z.strictObject({ match_all: z.strictObject({}) }).optional(),
  pit: z.strictObject({ id: z.string(), keep_alive: z.string().optional() }),
  sort: z.tuple([z.strictObject({ id: z.literal('asc') })]),
  search_after: z.tuple([z.string()]).optional(),
  track_total_hits: z.literal(false).optional(),
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Serves `documents` as the index `name`. */
export function createSearchIndex(name: string, documents: readonly Article[]): Server {
  const sorted = documents.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  /** Documents do not change here, so a point in time is no more than its id. */
  const points = new Set<string>();

  function answer(method: string, path: string, body: unknown): Answer {
    if (method === 'GET' && path === `/${name}/_count`) return { status: 200, body: { count: sorted.length } };
    if (method === 'POST' && path === `/${name}/_pit`) {
      const id = randomUUID();
      points.add(id);
      return { status: 200, body: { id } };
    }
    if (method === 'DELETE' && path === '/_pit') {
      const closed = points.delete(z.object({ id: z.string() }).parse(body).id);
      return { status: closed ? 200 : 404, body: { succeeded: true, num_freed: closed ? 1 : 0 } };
    }
    if (method === 'POST' && path === '/_search') return search(Search.parse(body));
    return failure(404, 'index_not_found_exception', `nothing is at ${method} ${path}`);
  }

  function search({ size, pit, search_after: after }: z.output<typeof Search>): Answer {
    if (!points.has(pit.id)) return failure(404, 'search_context_missing_exception', 'this point in time is gone');
    const begin = after === undefined ? 0 : firstAbove(sorted, after[0]);
    const hits = sorted
      .slice(begin, begin + size)
      .map(document => ({ _index: name, _id: document.id, _source: document, sort: [document.id] }));
    return { status: 200, body: { pit_id: pit.id, timed_out: false, hits: { hits } } };
  }

  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://index.invalid');
    readJson(request)
      .then(body => answer(request.method ?? 'GET', pathname, body))
      .catch(error => failure(400, 'parsing_exception', error instanceof Error ? error.message : String(error)))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
        response.end(JSON.stringify(body));
      });
  });
}

function failure(status: number, type: string, reason: string): Answer {
  return { status, body: { status, error: { type, reason, root_cause: [{ type, reason }] } } };
}

/** Place of the first document whose id is above `id`. */
function firstAbove(sorted: readonly Article[], id: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.id ?? '') <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`a body may have ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return size === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}
