// Requests that the routes of documents take, plain and odd ones.
import { request } from 'node:http';
import type { Json } from './odd-documents.ts';

export interface OddRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** What a client may send besides what the route asks for. */
const VARIANTS: readonly Pick<OddRequest, 'headers' | 'body'>[] = [
  { headers: {}, body: '' },
  { headers: { ...JSON_TYPE, 'x-tenant': 'a' }, body: '{"n":1,"items":[1],"a":{"b":"c"}}' },
  { headers: JSON_TYPE, body: 'null' },
  { headers: { 'content-type': 'text/plain', 'x-tenant': '' }, body: 'no JSON' },
];
const QUERIES = ['', 'q=1&n=x&q=2', 'a=&absent='];

export function requestsOf(documents: readonly Json[]): OddRequest[] {
  return documents.flatMap(({ kind, spec }) => {
    if (kind !== 'Api' && kind !== 'Strangler') return [];
    const routes: Json[] = spec.routes ?? spec.features ?? [];
    return [...routes.flatMap(({ match }) => ofRoute(spec, match)), ...(spec.graphql ? ofGraphql(spec) : [])];
  });
}

function ofRoute(spec: Json, match: Json): OddRequest[] {
  const version = spec.version && (spec.version.by ?? 'path') === 'path' ? `/${spec.version.name}` : '';
  const path =
    `${version}${baseOf(spec)}${match.path ?? ''}`.replace(/:[A-Za-z_][A-Za-z0-9_]*/g, 'x1').replace('*', 'rest/of') ||
    '/';
  const cookie = pairs(match.cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  const host: string | undefined = [match.hosts ?? spec.hosts ?? []].flat()[0];
  const asked = pairs(match.query).map(pair => pair.map(encodeURIComponent).join('='));
  return [match.method ?? ['GET', 'POST']].flat().flatMap((method: string) =>
    VARIANTS.map(({ headers, body }, index) => ({
      method,
      path: `${path}?${[...asked, QUERIES[index % QUERIES.length]].filter(Boolean).join('&')}`,
      headers: {
        ...(method === 'GET' || method === 'HEAD' ? {} : headers),
        ...Object.fromEntries(pairs(match.headers)),
        ...(cookie && { cookie }),
        ...(host && { host: host.replace('*', 'a') }),
        ...(spec.version?.by === 'header' && { [spec.version.header ?? 'api-version']: spec.version.name }),
      },
      body: method === 'GET' || method === 'HEAD' ? '' : body,
    })),
  );
}

function ofGraphql(spec: Json): OddRequest[] {
  const path = `${baseOf(spec)}${spec.graphql.path ?? '/graphql'}`;
  const queries = ['{ order(id: "1") { id name total customer { id } } }', '{ orders { id } }', '{ nope }'];
  return queries.map(query => ({ method: 'POST', path, headers: JSON_TYPE, body: JSON.stringify({ query }) }));
}

function baseOf({ basePath = '' }: Json): string {
  return basePath.replace(/\/$/, '');
}

/** Names with a value that the condition takes, as far as that can be told. */
function pairs(conditions: Json = {}): [name: string, value: string][] {
  return Object.entries<Json>(conditions).flatMap(([name, wanted]) => {
    if (wanted.present === false) return [];
    const value =
      typeof wanted === 'string' ? wanted : (wanted.exact ?? (wanted.prefix === undefined ? 'v' : `${wanted.prefix}x`));
    return [[name, value]];
  });
}

/** Its status and text; undefined for what no client can send. */
export function send(
  origin: string,
  { method, path, headers, body }: OddRequest,
): Promise<{ status: number; text: string } | undefined> {
  return new Promise((resolve, reject) => {
    try {
      const sent = request(`${origin}${path}`, { method, headers }, answer => {
        let text = '';
        answer.on('data', chunk => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    } catch (error) {
      if (error instanceof TypeError) resolve(undefined);
      else reject(error);
    }
  });
}
