// How large an answer may become, whatever its query looks like: small queries whose answers
// multiply are refused while they are resolved, and others are served meanwhile.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const SCHEMA = `
scalar Json
input Page { first: Int, size: Int }
type Query { list(first: Int, limit: Int, page: Page, pages: [Page]): [Item!]!, plain: [String], all: Json, one: Item, grid: [[Item]] }
type Mutation { add: Item }
type Item { id: ID, text: String, more(first: Int): [Item!], one: Item, plain: [String], all: Json, broken: Item }
`;
const app = (origin: string, limits: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  graphql:
    schema: ./shop.graphql
    ${limits}
    resolvers:
      Query.list: { to: { url: "${origin}" }, path: /list }
      Query.plain: { to: { url: "${origin}" }, path: /plain }
      Query.all: { to: { url: "${origin}" }, path: /list }
      Query.one: { to: { url: "${origin}" }, path: /one }
      Query.grid: { to: { url: "${origin}" }, path: /grid }
      Item.more: { to: { url: "${origin}" }, path: /list }
      Item.one: { to: { url: "${origin}" }, path: /one }
      Item.plain: { to: { url: "${origin}" }, path: /plain }
      Item.all: { to: { url: "${origin}" }, path: /list }
      Item.broken: { to: { url: "${origin}" }, path: /broken }
      Mutation.add: { to: { url: "${origin}" }, method: POST, path: /one }
  routes: [{ match: { path: /other }, to: { url: "${origin}" } }]
`;
const ITEMS = 5_000;
const item = { id: 1, text: 'x'.repeat(100) };
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/list': Array.from({ length: ITEMS }, () => item),
  '/plain': Array.from({ length: ITEMS }, () => 'x'.repeat(100)),
  '/grid': Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => item)),
  '/one': item,
  '/other': {},
};

describe('the size of an answer to a GraphQL query', () => {
  let folder: string;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let served: Awaited<ReturnType<typeof serveYaml>> | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.graphql-'));
    await writeFile(join(folder, 'shop.graphql'), SCHEMA);
    upstream = await startUpstream((request, response) => {
      const answer = ANSWERS[request.url ?? ''];
      response.writeHead(answer === undefined ? 500 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  afterEach(async () => {
    await served?.close();
    served = undefined;
  });
  after(async () => {
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });

  const serve = async (limits = 'maxDepth: 10') => {
    served = await serveYaml(app(upstream.origin, limits), { file: join(folder, 'app.yaml') });
  };
  const ask = async (query: string, variables?: unknown) => {
    const response = await fetch(`${served?.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data, errors } = JSON.parse(text);
    return { text, data, errors: errors as { message: string }[] | undefined };
  };

  const multiplying: Readonly<Record<string, string>> = {
    'lists in lists, with a size of 0': '{ list(first: 0) { more(first: 0) { id } } }',
    'lists in lists, with a negative size': '{ list(first: -5) { more(first: -1) { id } } }',
    'lists in lists, with small sizes that the target does not keep to': '{ list(first: 1) { more(first: 1) { id } } }',
    'lists in lists, with sizes within an input': '{ list(page: { first: 0, size: 1 }) { more(first: 1) { id } } }',
    'one long list with many fields': `{ list(first: 1) { ${Array.from({ length: 29 }, (_, at) => `a${at}: id`).join(' ')} } }`,
    'a fragment that is used again and again': `{ list(first: 1) { ...A } } fragment A on Item { one { one { ...B } } } fragment B on Item { ${'id text '.repeat(10)} }`,
    'long lists of plain values in a list': '{ list(first: 1) { plain } }',
    'large plain values in a list': '{ list(first: 1) { all } }',
    'lists of lists': `{ grid { ${'id text '.repeat(3)} } }`,
    'long names of fields': `{ list(first: 1) { ${'a'.repeat(8_000)}: id } }`,
  };
  for (const [name, query] of Object.entries(multiplying)) {
    it(`is bounded with ${name}`, async () => {
      await serve();
      const before = process.memoryUsage().rss;
      const { text, data, errors } = await ask(query);
      assert.match(errors?.[0]?.message ?? '', /^The answer would have more than (50000 fields|8388608 bytes)/);
      assert.equal(errors?.length, 1);
      assert.equal(data, undefined);
      assert.ok(text.length < 1_000);
      assert.ok(process.memoryUsage().rss - before < 1e9);
    });
  }

  it('is what the query costs, where the lists keep to it', async () => {
    await serve();
    const { data, errors } = await ask('{ list { id text one { id } } plain grid { id } }');
    assert.equal(errors, undefined);
    assert.deepEqual([data.list.length, data.plain.length, data.grid.flat().length], [ITEMS, ITEMS, 10_000]);
    assert.deepEqual(data.list[7], { id: '1', text: item.text, one: { id: '1' } });
  });

  it('counts the greatest size that is named, wherever it stands, before anything is called', async () => {
    await serve('maxCost: 100');
    const greatest: readonly (readonly [string, unknown?])[] = [
      ['{ list(first: 1, limit: 500) { id } }'],
      ['{ list(page: { first: 1, size: 500 }) { id } }'],
      ['{ list(pages: [{ first: 1 }, { size: 500 }]) { id } }'],
      ['query($p: Page) { list(page: $p) { id } }', { p: { size: 500 } }],
      ['query($n: Int) { list(page: { size: $n }) { id } }', { n: 500 }],
    ];
    const calls = upstream.seen.length;
    for (const [query, variables] of greatest) {
      const { errors } = await ask(query, variables);
      assert.match(errors?.[0]?.message ?? '', /may cost 501 fields; here it may cost 100/, query);
    }
    assert.equal(upstream.seen.length, calls);
  });

  it('says what a mutation did although the rest does not fit', async () => {
    await serve();
    const { data, errors } = await ask('mutation { first: add { id } second: add { more { more { id } } } }');
    assert.equal(data.first.id, '1');
    assert.match(errors?.[0]?.message ?? '', /^The answer would have/);
    assert.equal(errors?.length, 1);
  });

  it('holds for errors of fields, too, and says how many are left out', async () => {
    await serve('maxCost: 10000');
    const { errors } = await ask('{ list(first: 1) { broken { id } } }');
    assert.equal(errors?.length, 101);
    assert.match(errors?.at(-1)?.message ?? '', /^There are 4900 more errors/);
  });

  it('can be set', async () => {
    await serve('maxFields: 200000');
    const { data } = await ask('{ list { a: id b: text c: id d: text e: one { id } f: id g: id h: id i: id } }');
    assert.equal(data.list.length, ITEMS);
    await served?.close();
    await serve('maxBytes: 10Ki');
    assert.match((await ask('{ list { id text } }')).errors?.[0]?.message ?? '', /more than 10240 bytes/);
  });

  it('lets others be served while a large answer is resolved', async () => {
    await serve('maxFields: 1000000\n    maxBytes: 64Mi\n    maxCost: 1000000');
    let done = false;
    const large = ask('{ list { one { id text } a: one { id text } b: one { id } c: one { id } } }').finally(() => {
      done = true;
    });
    let others = 0;
    while (!done) {
      await (await fetch(`${served?.address}/other`)).arrayBuffer();
      others++;
    }
    assert.equal((await large).data.list.length, ITEMS);
    assert.ok(others >= 3, `${others} others were answered meanwhile`);
  });
});
