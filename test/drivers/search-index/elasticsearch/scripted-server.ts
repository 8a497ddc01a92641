// A server that answers bulk writes and searches as a test says, in turn; of indexes it knows
// one, with a text field `t`.
import { createServer, type IncomingMessage } from 'node:http';
import { metaOf } from '../../../../drivers/search-index/elasticsearch/mapping.ts';
import { indexSettings } from '../../../../drivers/search-index/settings.ts';

/**
 * `drop`: the connection is cut instead. An array: the outcome of each document,
 * as its status or in full.
 */
export type Scripted =
  | 'drop'
  | readonly (number | object)[]
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> };

export interface ScriptedServer {
  readonly url: string;
  /** Ids of each bulk request that has come. */
  readonly bulks: string[][];
  close(): Promise<void>;
}

const SETTINGS = { fields: { t: { type: 'text' as const } } };
const META = metaOf(JSON.stringify(indexSettings.parse(SETTINGS)));

export async function startScripted(index: string, script: readonly Scripted[]): Promise<ScriptedServer> {
  const answers = [...script];
  const bulks: string[][] = [];
  const server = createServer(async (request, response) => {
    const reply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      response.writeHead(status, {
        'x-elastic-product': 'Elasticsearch',
        'content-type': 'application/vnd.elasticsearch+json; compatible-with=9',
        ...headers,
      });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const text = await bodyOf(request);
    if (request.url?.includes('_mapping')) return reply(200, { [index]: { mappings: { _meta: META } } });
    if (request.url?.includes('_cluster/health')) return reply(200, { status: 'green', unassigned_shards: 0 });
    if (request.url?.includes('_cat/health')) return reply(200, [{ epoch: String(Math.floor(Date.now() / 1000)) }]);
    const ids = idsOf(text);
    if (request.url?.includes('_bulk')) bulks.push(ids);
    const next = answers.shift() ?? ids.map(() => 201);
    if (next === 'drop') return void request.socket.destroy();
    if (!isList(next)) return reply(next.status, next.body, next.headers);
    const items = next.map(item => ({ index: typeof item === 'number' ? itemOf(item) : item }));
    reply(200, { errors: items.some(({ index }) => 'error' in index), items });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    bulks,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function isList(next: Exclude<Scripted, 'drop'>): next is readonly (number | object)[] {
  return Array.isArray(next);
}

function itemOf(status: number): object {
  return status < 300 ? { status } : { status, error: { type: 'some_exception', reason: `because ${status}` } };
}

function idsOf(text: string): string[] {
  return [...text.matchAll(/^\{"(?:index|delete)":\{"_id":"([^"]*)"/gm)].map(([, id = '']) => id);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
