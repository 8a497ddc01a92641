// What the pages of docs/patterns show works as it stands there: each block is run, with a server of the test behind every address.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseList } from 'structured-headers';
import type { PlatformView } from '../../admin/platform-view.ts';
import { writeLocalSecret } from '../../server/local-secrets.ts';
import { type Platform, startPlatform } from '../../server/platform.ts';
import { eventually } from '../eventually.ts';
import { startUpstream } from '../fakes/echo-upstream.ts';
import { startIssuer, type TestIssuer } from '../gateway/auth/test-issuer.ts';
import { readBlocks, runLines } from './page-blocks.ts';
import { root } from './platform-process.ts';

type Answer = unknown | ((url: URL) => unknown);

/** The lines of a block, asking the platform of the test. */
function linesOf(block: string, address: string): string[] {
  const lines = block.trim().split('\n');
  return lines.map(line => line.replace('http://127.0.0.1:8080', address).replace(/^curl/, 'curl -sf'));
}

/** What a page says to watch is there to be watched. */
async function namesMetrics(page: string, view: PlatformView): Promise<void> {
  const text = readFileSync(join(root, 'docs/patterns', page), 'utf8');
  const named = new Set(text.match(/tenfold_[a-z_]+/g));
  const metrics = await view.metrics();
  assert.ok(named.size > 0);
  for (const name of named) assert.ok(metrics.includes(`# TYPE ${name} `), name);
}

describe('pages of docs/patterns', function () {
  this.timeout(60_000);
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let issuer: TestIssuer;
  let folder: string;
  /** What each host of a page answers with, whatever the path; undefined is 404. */
  let hosts: Record<string, Answer> = {};

  before(async () => {
    issuer = await startIssuer();
    upstream = await startUpstream((request, response) => {
      const [, host = '', path = ''] = /^\/([^/]+)(.*)$/.exec(request.url ?? '') ?? [];
      const known = hosts[host];
      const body = typeof known === 'function' ? known(new URL(path, 'http://x')) : known;
      response.statusCode = body === undefined ? 404 : 200;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body ?? {}));
    });
    // Inside the checkout, so that functions find their packages.
    mkdirSync(join(root, '.cache'), { recursive: true });
  });
  after(async () => {
    await upstream.close();
    await issuer.close();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(root, '.cache', 'page-'));
    hosts = {};
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the resources of a block with every address led to the test's own servers. */
  async function run(yaml: string, use: (platform: Platform, address: string) => Promise<void>): Promise<void> {
    const own = yaml
      .replace(/(\burl: )"?https?:\/\/([a-z0-9.-]+)[^"\s}]*"?/g, `$1"${upstream.origin}/$2"`)
      .replace(/(\bissuer: )"?https:\/\/login\.example\.com"?/g, `$1"${issuer.url}"`);
    writeFileSync(join(folder, 'app.yaml'), own);
    const platform = await startPlatform({
      directory: folder,
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
    });
    try {
      assert.deepEqual(platform.view.catalog.problems, []);
      await use(platform, platform.addresses.public);
    } finally {
      await platform.close(1000);
    }
  }

  const get = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
    const answer = await fetch(url, { method, headers });
    return { status: answer.status, headers: answer.headers, body: JSON.parse((await answer.text()) || 'null') };
  };

  it('01-simple-web-service.md: the function calls another one, and its problems reach the client', async () => {
    const page = readBlocks('docs/patterns/01-simple-web-service.md');
    hosts = { 'payments.example.com': { authorized: true } };
    const yaml = page.next('yaml');
    writeFileSync(join(folder, 'orders.ts'), page.next('ts'));
    await run(yaml, async (_, address) => {
      const order = (body: object) =>
        fetch(`${address}/shop/orders`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      const taken = await order({ drink: 'v60', quantity: 1 });
      assert.deepEqual(await taken.json(), { drink: 'v60', payment: { authorized: true } });
      assert.equal((await order({ drink: 'v60', quantity: 100 })).status, 400);
      const unknown = await get(`${address}/shop/orders/7`);
      assert.equal(unknown.status, 404);
      assert.equal(unknown.body.detail, 'There is no order 7.');
    });
    writeFileSync(
      join(folder, 'orders.ts'),
      'export default () => ({ currency: process.env.CURRENCY, url: process.env.DATABASE_URL });',
    );
    writeLocalSecret(folder, 'default', 'orders-database', { url: 'postgres://db' });
    assert.ok(existsSync(join(folder, '.tenfold/secrets/default/orders-database.json')), 'where the page says');
    await run(page.next('yaml'), async () => {
      const [given] = await runLines(['tenfold invoke receipts'], folder);
      assert.deepEqual(JSON.parse(given ?? ''), { currency: 'EUR', url: 'postgres://db' });
    });
    page.end();
  });

  it('02-decoupled-messaging.md: delivered, given up, edited and sent back', async () => {
    const page = readBlocks('docs/patterns/02-decoupled-messaging.md');
    const yaml = page.next('yaml');
    writeFileSync(join(folder, 'receipts.ts'), page.next('ts'));
    await run(yaml, async ({ view }, address) => {
      const [taken, , , wide] = await runLines(linesOf(page.next('sh'), address), folder);
      assert.match(taken ?? '', /^HTTP\/1\.1 204 /);
      assert.match(wide ?? '', /OLDEST.*PARKED.*DEAD.*\n.*receipts/);
      const receipts = async () => (await view.events.consumers())[0];
      await eventually(async () => (await receipts())?.deadLetters === 1, 'one is given up', 10_000);
      const [list, , show] = await runLines(linesOf(page.next('sh'), address), folder);
      assert.match(list ?? '', /OrderCreated +refused/);
      assert.match(show ?? '', /There is no table 99\./);
      await eventually(async () => (await receipts())?.delivered === 3, 'all are delivered', 10_000);
      assert.equal((await receipts())?.deadLetters, 0);
      await namesMetrics('02-decoupled-messaging.md', view);
    });
    page.end();
  });

  it('10-fan-out-and-fan-in.md: divided, gathered, and what failed done once more', async () => {
    const page = readBlocks('docs/patterns/10-fan-out-and-fan-in.md');
    const sizes = [3, 4, undefined];
    let next = 0;
    hosts = {
      'reports.internal': () => {
        const pages = sizes[next++ % sizes.length];
        return pages === undefined ? undefined : { pages };
      },
    };
    const yaml = page.next('yaml');
    writeFileSync(join(folder, 'bind.ts'), page.next('ts'));
    await run(yaml, async ({ view }, address) => {
      const [, failed] = await runLines(linesOf(page.next('sh'), address).slice(0, 2), folder);
      assert.match(failed ?? '', /"state":"failed".*1 of 3 items were given up/);
      const [list, letters, redriven] = await runLines(linesOf(page.next('sh'), address), folder);
      assert.match(list ?? '', /failed .*2\/3/);
      assert.match(letters ?? '', /refused/);
      assert.match(redriven ?? '', /succeeded .*3\/3/);
      const [job] = (await view.events.fanOuts.list({ limit: 1 })).items;
      const result = await get(`${address}/reports/${job?.id}/result`);
      assert.deepEqual(result.body, { report: job?.id, pages: 10 });
      await namesMetrics('10-fan-out-and-fan-in.md', view);
    });
    page.end();
  });

  it('05-pub-sub.md: each subscriber gets what it asks for, a new one the past', async () => {
    const page = readBlocks('docs/patterns/05-pub-sub.md');
    const calls = { wall: 0, loyalty: 0, late: 0 };
    const count = (name: keyof typeof calls) => () => {
      calls[name]++;
      return { done: true };
    };
    hosts = {
      'wall.example.com': count('wall'),
      'loyalty.example.com': count('loyalty'),
      'new-wall.internal': count('late'),
    };
    await run(page.next('yaml'), async ({ view }, address) => {
      const [, , list] = await runLines(linesOf(page.next('sh'), address), folder);
      assert.match(list ?? '', /video-wall.*\n.*loyalty|loyalty.*\n.*video-wall/);
      await eventually(() => calls.wall === 2 && calls.loyalty === 1, 'all have theirs', 10_000);
      const [replay, , paused, resumed] = await runLines(linesOf(page.next('sh'), address), folder);
      assert.match(replay ?? '', /^subscription\/video-wall-/);
      assert.match(paused ?? '', /video-wall: paused/);
      assert.match(resumed ?? '', /video-wall: /);
      await eventually(() => calls.wall === 4 && calls.late === 2, 'the past is replayed', 10_000);
      await namesMetrics('05-pub-sub.md', view);
    });
    page.end();
  });

  it('03-robust-api.md: tokens, keys, rules, rate limits and versions', async () => {
    const page = readBlocks('docs/patterns/03-robust-api.md');
    hosts = {
      'menu.internal': { menu: true },
      'orders.internal': { orders: true },
      'profiles.internal': { profile: true },
      'menu-v1.internal': { version: 1 },
      'menu-v2.internal': { version: 2 },
    };
    const [shop, shell, profiles, limits] = [page.next('yaml'), page.next('sh'), page.next('yaml'), page.next('http')];
    await run(shop, async (_, address) => {
      const v2 = { 'api-version': 'v2' };
      const as = async (claims: object) => ({ ...v2, authorization: `Bearer ${await issuer.sign({ ...claims })}` });
      assert.deepEqual((await get(`${address}/shop/menu`, v2)).body, { menu: true });
      assert.equal((await get(`${address}/shop/orders`, v2, 'POST')).status, 401);
      assert.equal((await get(`${address}/shop/reports/may`, await as({ role: 'barista' }))).status, 403);
      assert.equal((await get(`${address}/shop/reports/may`, await as({ role: 'manager' }))).status, 200);
      const ordered = await get(`${address}/shop/orders`, await as({}), 'POST');
      const policy = /^RateLimit-Policy: (.*)$/m.exec(limits)?.[1];
      assert.equal(ordered.headers.get('ratelimit-policy'), policy);
      const names = (list: string) => parseList(list).map(([name, parameters]) => [name, [...parameters.keys()]]);
      assert.deepEqual(
        names(ordered.headers.get('ratelimit') ?? ''),
        names(/^RateLimit: (.*)$/m.exec(limits)?.[1] ?? ''),
      );

      // The first line keeps the key to itself.
      const printed = await runLines(linesOf(shell, address), folder);
      assert.deepEqual(JSON.parse(printed[1] ?? ''), { orders: true });
      assert.match(printed[2] ?? '', /^\S+\n$/);
    });
    await run(profiles, async (_, address) => {
      const ada = async (claims: object) =>
        get(`${address}/profiles/ada`, {
          authorization: `Bearer ${await issuer.sign({ aud: 'profiles', scope: 'profiles', email_verified: true, ...claims })}`,
        });
      assert.equal((await ada({})).status, 200);
      assert.equal((await ada({ sub: 'bob' })).status, 403);
      assert.equal((await ada({ sub: 'bob', role: 'support' })).status, 200);
      assert.equal((await ada({ email_verified: false })).status, 403);
      assert.equal((await ada({ scope: 'menu' })).status, 403);
    });
    await run(page.next('yaml'), async (_, address) => {
      const accepting = (accept: string) => get(`${address}/menu/drinks`, { accept });
      const first = await accepting('*/*');
      assert.deepEqual(first.body, { version: 1 });
      assert.ok(first.headers.get('deprecation') !== null && first.headers.get('sunset') !== null);
      assert.deepEqual((await accepting('application/json;version=v2')).body, { version: 2 });
      assert.equal((await accepting('application/json;version=v3')).status, 406);
    });
    page.end();
  });

  it('04-aggregator.md: an invoice of three parts, a stand-in, and a GraphQL door', async () => {
    const page = readBlocks('docs/patterns/04-aggregator.md');
    hosts = {
      'orders.internal': (url: URL) => ({ id: url.pathname.split('/').at(-1), customerId: 'c1' }),
      'customers.internal': { name: 'Ada' },
      'partner.example.com': { price: 7 },
      'products.example.com': (url: URL) => ({ id: url.pathname.slice('/products/'.length), name: 'V60' }),
      'reviews.example.com': [{ stars: 5 }],
    };
    const [invoice, price, field] = [page.next('yaml'), page.next('yaml'), page.next('')];
    await run(invoice, async (_, address) => {
      const whole = await get(`${address}/invoices/17`);
      assert.deepEqual(whole.body, { id: '17', customer: 'Ada', reviews: [{ stars: 5 }] });
      assert.equal(whole.headers.get('tenfold-parts'), 'order;ok, customer;ok, reviews;ok');
      // As the page shows it: a list of the same kind.
      const shown = parseList(/^tenfold-parts: (.*)$/m.exec(field)?.[1] ?? '');
      assert.deepEqual([...(shown[1]?.[1].keys() ?? [])], ['ok', 'age']);
    });
    const api = `---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: prices }
spec: { routes: [ { match: { path: "/prices/:id" }, to: { aggregate: price } } ] }
`;
    await run(price + api, async (_, address) => {
      assert.deepEqual((await get(`${address}/prices/1`)).body, { price: 7 });
      hosts = { ...hosts, 'prices.example.com': { price: 5 } };
      assert.deepEqual((await get(`${address}/prices/1`)).body, { price: 5 });
    });
    writeFileSync(
      join(folder, 'catalogue.graphql'),
      'type Query { product(id: ID!): Product }\ntype Product { id: ID! name: String reviews: [Review] }\ntype Review { stars: Int }\n',
    );
    await run(page.next('yaml'), async (_, address) => {
      const query = encodeURIComponent('{ product(id: "v60") { id name reviews { stars } } }');
      const answer = await get(`${address}/graphql?query=${query}`, { accept: 'application/graphql-response+json' });
      assert.deepEqual(answer.body, { data: { product: { id: 'v60', name: 'V60', reviews: [{ stars: 5 }] } } });
    });
    page.end();
  });

  it('06-strangler.md: the feature is compared, moved and backed out by its commands', async () => {
    const page = readBlocks('docs/patterns/06-strangler.md');
    hosts = { legacy: { side: 'legacy', updatedAt: 1 }, orders: { side: 'new', updatedAt: 2 } };
    const [yaml, shell] = [page.next('yaml'), page.next('sh')];
    await run(yaml, async ({ view }, address) => {
      assert.equal((await get(`${address}/orders/1`)).body.side, 'legacy');
      const sync = () => view.stranglers.get('default', 'shop').features[0]?.sync;
      await eventually(() => sync()?.lag === 0, 'it is known that legacy has every change');
      await namesMetrics('06-strangler.md', view);
      const [all, one, canary, promoted, backedOut] = await runLines(shell.trim().split('\n'), folder);
      assert.match(all ?? '', /orders .*shadow/);
      assert.match(one ?? '', /shadow/);
      assert.match(canary ?? '', /canary.*25/);
      assert.match(promoted ?? '', /canary.*50/);
      assert.match(backedOut ?? '', /legacy/);
      assert.equal((await get(`${address}/orders/1`)).body.side, 'legacy');
    });
    page.end();
  });

  it('07-queue-based-load-leveling.md: a job is taken, waited for, and has a result', async () => {
    const page = readBlocks('docs/patterns/07-queue-based-load-leveling.md');
    hosts = { 'cms.internal': { imported: true } };
    await run(page.next('yaml'), async ({ view }, address) => {
      const [taken, , waited, result] = await runLines(linesOf(page.next('sh'), address), folder);
      assert.match(taken ?? '', /^HTTP\/1\.1 202 [\s\S]*location: \/articles\//i);
      assert.match(waited ?? '', /succeeded/);
      assert.deepEqual(JSON.parse(result ?? ''), { imported: true });
      const [, paused, resumed] = await runLines(linesOf(page.next('sh'), address), folder);
      assert.match(paused ?? '', /queue\/article-import: paused/);
      assert.match(resumed ?? '', /queue\/article-import: /);
      await namesMetrics('07-queue-based-load-leveling.md', view);
    });
    page.end();
  });

  it('08-read-heavy-reporting-engine.md: a table, a search, a ranking and feeds of what was published', async () => {
    const page = readBlocks('docs/patterns/08-read-heavy-reporting-engine.md');
    await run(page.next('yaml'), async ({ view }, address) => {
      const asked = page.next('sh');
      const settled = async () => (await view.events.views()).every(({ behind }) => behind === 0);
      const [publish = '', look = '', ...questions] = linesOf(asked, address);
      const [published] = await runLines([publish, look], folder);
      const position = /^tenfold-position: (\S+)$/im.exec(published ?? '')?.[1] ?? assert.fail(published);
      assert.match(position, /^tweets\.created@\d+:0$/);
      await eventually(settled, 'all views are up to date', 10_000);
      const [row, rows, found, suggested, trends, mentions] = await runLines(questions, folder);
      const tweet = { id: 't1', author: 'ada', text: 'Photographing lighthouses', mentions: ['bob'] };
      assert.deepEqual(JSON.parse(row ?? ''), tweet);
      assert.deepEqual(JSON.parse(rows ?? ''), { items: [{ key: 't1', value: tweet }] });
      assert.match(found ?? '', /"match":true/);
      assert.deepEqual(JSON.parse(suggested ?? ''), { items: ['lighthouses'] });
      assert.deepEqual(JSON.parse(trends ?? ''), { items: [{ rank: 1, member: 't1', score: 1 }] });
      assert.match(mentions ?? '', /"text":"Photographing lighthouses"/);
      const [waited] = await runLines(
        linesOf(page.next('sh').replace('tweets.created@0:0', position), address),
        folder,
      );
      assert.match(waited ?? '', /tenfold-as-of: /i);
      const [rebuilt, queried, list] = await runLines(page.next('sh').trim().split('\n'), folder);
      assert.match(rebuilt ?? '', /trends/);
      assert.match(queried ?? '', /Photographing lighthouses/);
      assert.match(list ?? '', /trends/);
      await namesMetrics('08-read-heavy-reporting-engine.md', view);
    });
    page.end();
  });

  it('09-streams-and-pipelines.md: events are mapped, counted in windows, archived and asked in SQL', async () => {
    const page = readBlocks('docs/patterns/09-streams-and-pipelines.md');
    await run(page.next('yaml'), async ({ view }, address) => {
      const [posts, questions] = [linesOf(page.next('sh'), address), page.next('sh')];
      const [first, second, reader] = await runLines(posts.slice(0, 3), folder);
      for (const answer of [first, second]) assert.match(answer ?? '', /^HTTP\/1\.1 204/);
      assert.deepEqual(JSON.parse(reader ?? ''), { page: '/home', user: 'bob', slow: true });
      const window = async () => (await runLines(posts.slice(3), folder))[0] ?? '';
      await eventually(async () => JSON.parse(await window()).clicks === 2, 'both are counted', 10_000);
      assert.partialDeepStrictEqual(JSON.parse(await window()), { key: '/home', clicks: 2, readers: 2 });
      const [history, live, tables] = await runLines(linesOf(questions, address), folder);
      assert.equal(history?.trim().replaceAll('\r', ''), 'page,clicks\n/home,2');
      assert.equal(live?.trim().replaceAll('\r', ''), 'page,clicks,readers\n/home,2,2');
      assert.match(tables ?? '', /clickstream[\s\S]*pages_window/);
      await namesMetrics('09-streams-and-pipelines.md', view);
    });
    page.end();
  });

  it('each has a test here that runs its blocks', function () {
    const titles = this.test?.parent?.tests.map(({ title }) => title) ?? [];
    const pages = readdirSync(join(root, 'docs/patterns')).filter(name => name.endsWith('.md'));
    assert.deepEqual(
      pages.filter(page => !titles.some(title => title.startsWith(`${page}:`))),
      [],
    );
  });
});
