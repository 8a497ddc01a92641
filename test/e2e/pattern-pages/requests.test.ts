// What the pages of docs/patterns about requests show works as it stands there: each block is run.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseList } from 'structured-headers';
import { writeLocalSecret } from '../../../server/functions/local-secrets.ts';
import { eventually } from '../../eventually.ts';
import { readBlocks, runLines } from '../page-blocks.ts';
import { get, linesOf, namesMetrics, pagePlatform } from './page-platform.ts';

/** Says what it may touch. */
const TOUCHING = `import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
const may = (use: () => unknown) => {
  try {
    use();
  } catch (error) {
    return (error as { code?: string }).code !== 'ERR_ACCESS_DENIED';
  }
  return true;
};
const write = (file: string) => {
  mkdirSync('.cache', { recursive: true });
  writeFileSync(file, '');
};
export default () => ({
  fonts: may(() => readdirSync('/usr/share/fonts')),
  cache: may(() => write('.cache/one')),
  elsewhere: may(() => readdirSync('/etc')),
});
`;

describe('pages of docs/patterns about requests', () => {
  const pages = pagePlatform();

  it('01-simple-web-service.md: the function calls another one, and its problems reach the client', async () => {
    const page = readBlocks('docs/patterns/01-simple-web-service.md');
    pages.hosts = { 'payments.example.com': { authorized: true } };
    const yaml = page.next('yaml');
    writeFileSync(join(pages.folder, 'orders.ts'), page.next('ts'));
    await pages.run(yaml, async (_, address) => {
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
      join(pages.folder, 'orders.ts'),
      'export default () => ({ currency: process.env.CURRENCY, url: process.env.DATABASE_URL });',
    );
    writeLocalSecret(pages.folder, 'default', 'orders-database', { url: 'postgres://db' });
    assert.ok(existsSync(join(pages.folder, '.tenfold/secrets/default/orders-database.json')), 'where the page says');
    await pages.run(page.next('yaml'), async () => {
      const [given] = await runLines(['tenfold invoke receipts'], pages.folder);
      assert.deepEqual(JSON.parse(given ?? ''), { currency: 'EUR', url: 'postgres://db' });
    });
    writeFileSync(join(pages.folder, 'thumbnails.ts'), TOUCHING);
    await pages.run(page.next('yaml'), async () => {
      const [touched] = await runLines(['tenfold invoke thumbnails'], pages.folder);
      assert.deepEqual(JSON.parse(touched ?? ''), { fonts: true, cache: true, elsewhere: false });
    });
    page.end();
  });

  it('03-robust-api.md: tokens, keys, rules, rate limits and versions', async () => {
    const page = readBlocks('docs/patterns/03-robust-api.md');
    pages.hosts = {
      'menu.internal': { menu: true },
      'orders.internal': { orders: true },
      'profiles.internal': { profile: true },
      'menu-v1.internal': { version: 1 },
      'menu-v2.internal': { version: 2 },
    };
    const [shop, shell, profiles, limits] = [page.next('yaml'), page.next('sh'), page.next('yaml'), page.next('http')];
    await pages.run(shop, async (_, address) => {
      const v2 = { 'api-version': 'v2' };
      const as = async (claims: object) => ({
        ...v2,
        authorization: `Bearer ${await pages.issuer.sign({ ...claims })}`,
      });
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
      const printed = await runLines(linesOf(shell, address), pages.folder);
      assert.deepEqual(JSON.parse(printed[1] ?? ''), { orders: true });
      assert.match(printed[2] ?? '', /^\S+\n$/);
    });
    await pages.run(profiles, async (_, address) => {
      const ada = async (claims: object) =>
        get(`${address}/profiles/ada`, {
          authorization: `Bearer ${await pages.issuer.sign({ aud: 'profiles', scope: 'profiles', email_verified: true, ...claims })}`,
        });
      assert.equal((await ada({})).status, 200);
      assert.equal((await ada({ sub: 'bob' })).status, 403);
      assert.equal((await ada({ sub: 'bob', role: 'support' })).status, 200);
      assert.equal((await ada({ email_verified: false })).status, 403);
      assert.equal((await ada({ scope: 'menu' })).status, 403);
    });
    await pages.run(page.next('yaml'), async (_, address) => {
      const accepting = (accept: string) => get(`${address}/menu/drinks`, { accept });
      const first = await accepting('*/*');
      assert.deepEqual(first.body, { version: 1 });
      assert.ok(first.headers.get('deprecation') !== null && first.headers.get('sunset') !== null);
      assert.deepEqual((await accepting('application/json;version=v2')).body, { version: 2 });
      assert.equal((await accepting('application/json;version=v3')).status, 406);
    });
    page.end();
  });

  it('04-aggregator.md: an invoice of three parts, a stand-in, and a GraphQL endpoint', async () => {
    const page = readBlocks('docs/patterns/04-aggregator.md');
    pages.hosts = {
      'orders.internal': (url: URL) => ({ id: url.pathname.split('/').at(-1), customerId: 'c1' }),
      'customers.internal': { name: 'Ada' },
      'partner.example.com': { price: 7 },
      'products.example.com': (url: URL) => ({ id: url.pathname.slice('/products/'.length), name: 'V60' }),
      'reviews.example.com': [{ stars: 5 }],
    };
    const [invoice, price, field] = [page.next('yaml'), page.next('yaml'), page.next('')];
    await pages.run(invoice, async (_, address) => {
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
    await pages.run(price + api, async (_, address) => {
      assert.deepEqual((await get(`${address}/prices/1`)).body, { price: 7 });
      pages.hosts = { ...pages.hosts, 'prices.example.com': { price: 5 } };
      assert.deepEqual((await get(`${address}/prices/1`)).body, { price: 5 });
    });
    writeFileSync(
      join(pages.folder, 'catalogue.graphql'),
      'type Query { product(id: ID!): Product }\ntype Product { id: ID! name: String reviews: [Review] }\ntype Review { stars: Int }\n',
    );
    await pages.run(page.next('yaml'), async (_, address) => {
      const query = encodeURIComponent('{ product(id: "v60") { id name reviews { stars } } }');
      const answer = await get(`${address}/graphql?query=${query}`, { accept: 'application/graphql-response+json' });
      assert.deepEqual(answer.body, { data: { product: { id: 'v60', name: 'V60', reviews: [{ stars: 5 }] } } });
    });
    page.end();
  });

  it('06-strangler.md: the feature is compared, moved and backed out by its commands', async () => {
    const page = readBlocks('docs/patterns/06-strangler.md');
    pages.hosts = { legacy: { side: 'legacy', updatedAt: 1 }, orders: { side: 'new', updatedAt: 2 } };
    const [yaml, shell] = [page.next('yaml'), page.next('sh')];
    await pages.run(yaml, async ({ view }, address) => {
      assert.equal((await get(`${address}/orders/1`)).body.side, 'legacy');
      const sync = () => view.stranglers.get('default', 'shop').features[0]?.sync;
      await eventually(() => sync()?.lag === 0, 'it is known that legacy has every change');
      await namesMetrics('06-strangler.md', view);
      const [all, one, canary, promoted, backedOut] = await runLines(shell.trim().split('\n'), pages.folder);
      assert.match(all ?? '', /orders .*shadow/);
      assert.match(one ?? '', /shadow/);
      assert.match(canary ?? '', /canary.*25/);
      assert.match(promoted ?? '', /canary.*50/);
      assert.match(backedOut ?? '', /legacy/);
      assert.equal((await get(`${address}/orders/1`)).body.side, 'legacy');
    });
    page.end();
  });
});
