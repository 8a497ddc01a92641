// The GraphQL endpoint over real sockets: fields from targets, limits before anything is called,
// and errors that say nothing of what is behind.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';
import { APP, answer, SCHEMA } from './graphql-shop.ts';

let folder: string;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let served: Awaited<ReturnType<typeof serveYaml>>;

// biome-ignore lint/suspicious/noExplicitAny: results differ from query to query
type Result = { status: number; text: string; body: any; calls: string[]; headers: Headers };

async function ask(path: string, init: RequestInit): Promise<Result> {
  const before = upstream.seen.length;
  const response = await fetch(`${served.address}/shop/graphql${path}`, init);
  const text = await response.text();
  const calls = upstream.seen.slice(before).map(({ method, url }) => `${method} ${url}`);
  const body = text.startsWith('{') ? JSON.parse(text) : undefined;
  return { status: response.status, text, body, calls, headers: response.headers };
}

const accept = 'application/graphql-response+json';

const post = (query: unknown, variables?: unknown, headers: Record<string, string> = {}) =>
  ask('', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query, variables }),
  });

function useShop(): void {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.graphql-'));
    await writeFile(join(folder, 'shop.graphql'), SCHEMA);
    upstream = await startUpstream(answer);
    served = await serveYaml(APP, { functions: { shop: upstream.origin }, file: join(folder, 'app.yaml') });
  });
  after(async () => {
    await served.close();
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });
}

describe('the GraphQL endpoint', () => {
  useShop();

  it('answers fields from their targets, and the others from their parents', async () => {
    const { status, body, headers } = await post('{ order(id: 5) { id total customer { name } } }');
    assert.equal(status, 200);
    assert.deepEqual(body, { data: { order: { id: '5', total: 12.5, customer: { name: 'Ada' } } } });
    assert.equal(headers.get('content-type'), 'application/graphql-response+json; charset=utf-8');
  });

  it('asks the same question once in one query', async () => {
    const { calls } = await post('{ a: order(id: 5) { id } b: order(id: 5) { id } orders { customer { name } } }');
    assert.deepEqual(calls.sort(), ['GET /customers/7', 'GET /orders', 'GET /orders/5']);
  });

  it('makes every mutation that is asked for', async () => {
    const mutation = 'mutation($i: OrderInput!) { a: createOrder(input: $i) { id } b: createOrder(input: $i) { id } }';
    const { body, calls } = await post(mutation, { i: { item: 'v60' } });
    assert.deepEqual(body.data, { a: { id: '99' }, b: { id: '99' } });
    assert.deepEqual(calls, ['POST /orders', 'POST /orders']);
  });

  it('takes queries by GET, and refuses mutations there', async () => {
    const query = await ask(`?query=${encodeURIComponent('{ order(id: 5) { id } }')}`, {});
    assert.deepEqual([query.status, query.body.data], [200, { order: { id: '5' } }]);
    const mutation = await ask(
      `?query=${encodeURIComponent('mutation { createOrder(input: { item: "x" }) { id } }')}`,
      {},
    );
    assert.deepEqual([mutation.status, mutation.headers.get('allow'), mutation.calls], [405, 'POST', []]);
  });

  it('gives an aggregate the arguments as its parameters', async () => {
    const { body } = await post('{ invoice(id: 31) { id who } }');
    assert.deepEqual(body.data, { invoice: { id: '31', who: '7' } });
  });

  it('shows functions who asks', async () => {
    const { body } = await post('{ who { cookie } }', undefined, { cookie: 'sid=1' });
    assert.deepEqual(body.data, { who: { cookie: 'sid=1' } });
  });

  it('keeps a value inside its segment of the path', async () => {
    const { calls } = await post('{ order(id: "a/../../x?y") { id } }');
    assert.deepEqual(calls, ['GET /orders/a%2F..%2F..%2Fx%3Fy']);
  });

  it('reads own members of a parent only', async () => {
    const { body } = await post('{ order(id: 5) { constructor } }');
    assert.deepEqual(body.data, { order: { constructor: null } });
  });

  const errors: Record<string, [query: string, message: RegExp, code: string | undefined]> = {
    'a target that fails': ['{ failing }', /^The service behind the gateway gave no valid answer$/, 'bad-gateway'],
    'a target that is silent': ['{ slow }', /^The time limit was reached$/, 'timeout'],
    'a value that would be another path': [
      '{ order(id: "..") { id } }',
      /cannot become a part of the path/,
      'invalid-input',
    ],
    'an input that a function refuses': [
      'mutation { createOrder(input: { item: "bad" }) { id } }',
      /^There is no such item\.$/,
      'invalid-input',
    ],
  };
  for (const [name, [query, message, code]] of Object.entries(errors)) {
    it(`tells of ${name} by its kind, in the place of the field`, async () => {
      const { status, body, text } = await post(query);
      assert.equal(status, 200);
      const [error] = body.errors;
      assert.match(error.message, message);
      assert.equal(error.extensions?.code, code);
      assert.equal(error.path.length, 1);
      assert.doesNotMatch(text, /db-3|127\.0\.0\.1|stack/);
    });
  }

  it('answers null where there is nothing', async () => {
    const { body } = await post('{ order(id: 404) { id } }');
    assert.deepEqual(body, { data: { order: null } });
  });
});

describe('the GraphQL endpoint, and queries that it refuses', () => {
  useShop();

  const nested = (depth: number) =>
    `{ order(id: 1) ${'{ customer { orders '.repeat(depth)}{ id }${'}}'.repeat(depth)} }`;

  const refused: Record<string, [query: unknown, message: RegExp]> = {
    'deeper than allowed': [nested(3), /fields deep; here it may be 5/],
    'with more aliases than allowed': [
      `{ ${Array.from({ length: 10_000 }, (_, n) => `a${n}: slow`).join(' ')} }`,
      /more that 2000 tokens/,
    ],
    'with eleven aliases': [
      `{ ${Array.from({ length: 11 }, (_, n) => `a${n}: slow`).join(' ')} }`,
      /at most 10 aliases/,
    ],
    'that may cost too much': ['{ orders(first: 1000) { id } }', /may cost 1001 fields; here it may cost 200/],
    'that may cost too much through a variable': ['query($n: Int) { orders(first: $n) { id } }', /may cost/],
    'that may cost too much through fragments that use each other': [
      `{ ...A } ${['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'].map((name, n, all) => `fragment ${name} on Query { ${all[n + 1] ? `...${all[n + 1]} ...${all[n + 1]}` : 'failing'} }`).join(' ')}`,
      /may cost 256 fields/,
    ],
    'with fragments that lead in a circle': [
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      /Cannot spread fragment/,
    ],
    'for a field that is not there, without a hint at the schema': [
      '{ ordr(id: 1) { id } }',
      /^Cannot query field "ordr" on type "Query"\.$/,
    ],
    'for the schema': ['{ __schema { types { name } } }', /introspection has been disabled/],
    'that cannot be parsed': ['{ order(', /Syntax Error/],
    'that is a subscription': ['subscription { failing }', /./],
    'that is no text': [{ a: 1 }, /Invalid query/],
  };
  for (const [name, [query, message]] of Object.entries(refused)) {
    it(`refuses a query ${name}, before anything is called`, async () => {
      const { status, body, calls } = await post(query, { n: 1000 });
      assert.equal(status, 400);
      assert.match(body.errors[0].message, message);
      assert.deepEqual(calls, []);
    });
  }

  it('makes no more calls than the cost that is allowed, whatever lists its targets answer with', async () => {
    const { body, calls } = await post('{ feed(first: 10) { items { customer { name } } } }');
    assert.equal(calls.length, 200);
    assert.ok(
      body.errors.some(({ extensions }: { extensions: { code: string } }) => extensions.code === 'too-many-requests'),
    );
  });

  const malformed: Record<string, [init: RequestInit, status: number]> = {
    'another media type': [
      { method: 'POST', body: '{failing}', headers: { 'content-type': 'application/graphql' } },
      415,
    ],
    'no JSON': [{ method: 'POST', body: '{"query"', headers: { 'content-type': 'application/json' } }, 400],
    'no query': [{ method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }, 400],
    'an answer that cannot be had': [
      {
        method: 'POST',
        body: '{"query":"{failing}"}',
        headers: { 'content-type': 'application/json', accept: 'text/html' },
      },
      406,
    ],
    'a body that is too large': [
      {
        method: 'POST',
        body: JSON.stringify({ query: ' '.repeat(300_000) }),
        headers: { 'content-type': 'application/json' },
      },
      413,
    ],
    'another method': [{ method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } }, 405],
  };
  for (const [name, [init, status]] of Object.entries(malformed)) {
    it(`answers ${status} to a request with ${name}`, async () => {
      assert.equal((await ask('', init)).status, status);
    });
  }

  it('answers older clients with application/json', async () => {
    const { status, headers, body } = await post('{ ordr }', undefined, { accept: 'application/json' });
    assert.deepEqual([status, headers.get('content-type')], [200, 'application/json; charset=utf-8']);
    assert.equal(body.errors.length, 1);
  });
});
