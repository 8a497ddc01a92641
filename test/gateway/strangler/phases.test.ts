// The five phases of a feature over real sockets: who answers, who is asked, and how a feature
// gets from one to the other.
import assert from 'node:assert/strict';
import { createMemorySwitches } from '../../../gateway/strangler/phase/switches.ts';
import { type Sides, says, serveTwoSides, type TwoSides } from './two-sides.ts';

let sides: TwoSides | undefined;

async function serve(more: Partial<Sides> = {}): Promise<TwoSides> {
  sides = await serveTwoSides({ legacy: says('legacy'), fresh: says('new'), ...more });
  return sides;
}

async function closeSides(): Promise<void> {
  await sides?.close();
  sides = undefined;
}

const from = (text: string): string => (JSON.parse(text) as { from: string }).from;

describe('phases of a feature', () => {
  afterEach(closeSides);

  const rows = [
    { phase: 'legacy', answers: 'legacy' },
    { phase: 'shadow', answers: 'legacy' },
    { phase: 'live', answers: 'new' },
    { phase: 'retired', answers: 'new' },
  ];
  for (const { phase, answers } of rows) {
    it(`${phase}: ${answers} answers`, async () => {
      const { get, legacy, fresh } = await serve({ feature: `      phase: ${phase}` });
      assert.equal(from((await get('/orders/1?x=1')).text), answers);
      const asked = answers === 'legacy' ? legacy : fresh;
      assert.equal(asked.seen[0]?.url, '/orders/1?x=1');
    });
  }

  it('live and retired never ask legacy', async () => {
    const { get, legacy, feature } = await serve({ feature: '      phase: live' });
    await get('/orders/1');
    await feature().control.set('retired', undefined, 'test');
    await get('/orders/1');
    assert.equal(legacy.seen.length, 0);
  });

  it('canary: each client stays on its side, and a growing share only moves clients to the new side', async () => {
    const { get, feature } = await serve({
      feature: '      phase: canary\n      canary: { percent: 30, sticky: "header:x-user" }',
    });
    const sideOf = async (user: number) => from((await get('/orders/1', { headers: { 'x-user': `u${user}` } })).text);
    const users = Array.from({ length: 60 }, (_, index) => index);
    const first = await Promise.all(users.map(sideOf));
    assert.deepEqual(await Promise.all(users.map(sideOf)), first);
    const moved = first.filter(side => side === 'new').length;
    assert.ok(moved > 5 && moved < 35, `${moved} of 60 at 30%`);
    await feature().control.set('canary', 70, 'test');
    const second = await Promise.all(users.map(sideOf));
    for (const user of users) if (first[user] === 'new') assert.equal(second[user], 'new');
    await feature().control.set('canary', 100, 'test');
    assert.deepEqual(new Set(await Promise.all(users.map(sideOf))), new Set(['new']));
    await feature().control.set('canary', 0, 'test');
    assert.deepEqual(new Set(await Promise.all(users.map(sideOf))), new Set(['legacy']));
  });
});

describe('what goes to legacy', () => {
  afterEach(closeSides);

  const rows: { name: string; match: string; method?: string; path: string; headers?: object; answers: string }[] = [
    { name: 'what no feature lists', match: '{ path: /orders/* }', path: '/cart?x', answers: 'legacy' },
    { name: 'the root', match: '{ path: /orders/* }', path: '/', answers: 'legacy' },
    { name: 'a path that only begins alike', match: '{ path: /orders/* }', path: '/orders-old', answers: 'legacy' },
    {
      name: 'another method',
      match: '{ path: /orders, method: GET }',
      method: 'POST',
      path: '/orders',
      answers: 'legacy',
    },
    {
      name: 'what does not meet a condition',
      match: '{ path: /orders/*, headers: { x-beta: "1" } }',
      path: '/orders/1',
      answers: 'legacy',
    },
    {
      name: 'the path itself without the condition',
      match: '{ path: /orders/*, headers: { x-beta: "1" } }',
      path: '/orders',
      answers: 'legacy',
    },
    { name: 'a path without its parameter', match: '{ path: /orders/:id }', path: '/orders/', answers: 'legacy' },
  ];
  for (const { name, match, path, method = 'GET', answers } of rows) {
    it(name, async () => {
      const { get } = await serve({ match, feature: '      phase: live' });
      assert.equal(from((await get(path, { method })).text), answers);
    });
  }

  it('nothing of a feature: the path itself, with a slash, below, and under its condition', async () => {
    const { get } = await serve({
      match: '{ path: /orders/*, headers: { x-beta: "1" } }',
      feature: '      phase: live',
    });
    for (const path of ['/orders', '/orders/', '/orders/1/items']) {
      assert.equal(from((await get(path, { headers: { 'x-beta': '1' } })).text), 'new', path);
    }
  });

  it('with the base path, which both sides see', async () => {
    const { get, fresh } = await serve({ spec: '  basePath: /shop', feature: '      phase: live' });
    await get('/shop/orders/1');
    assert.equal(fresh.seen[0]?.url, '/shop/orders/1');
    assert.deepEqual(JSON.parse((await get('/shop')).text), { from: 'legacy', path: '/shop' });
    assert.deepEqual(JSON.parse((await get('/shop/cart')).text), { from: 'legacy', path: '/shop/cart' });
    assert.equal((await get('/elsewhere')).status, 404);
  });

  it('with the Host that the client sent, when told', async () => {
    const { get, legacy, address } = await serve({ legacySpec: ', preserveHost: true' });
    await get('/cart');
    assert.equal(legacy.seen[0]?.headers.host, new URL(address).host);
  });

  it('unsafe methods with their bodies', async () => {
    const { get, legacy } = await serve({
      legacy(request, response) {
        let body = '';
        request.on('data', chunk => {
          body += chunk;
        });
        request.on('end', () => response.end(body));
      },
      feature: '      phase: shadow\n      shadow: { unsafeMethods: true }',
    });
    const body = 'x'.repeat(300_000);
    assert.equal((await get('/orders', { method: 'POST', body })).text, body);
    assert.equal(legacy.seen.length, 1);
  });
});

describe('the new side', () => {
  afterEach(closeSides);

  it('gets the path and the headers that the feature says', async () => {
    const { get, fresh } = await serve({
      match: '{ path: /orders/:id }',
      feature: '      phase: live\n      path: "/v2/${params.id}"\n      headers: { set: { x-tenant: "shop" } }',
    });
    await get('/orders/a%2Fb?x=1');
    assert.equal(fresh.seen[0]?.url, '/v2/a%2Fb?x=1');
    assert.equal(fresh.seen[0]?.headers['x-tenant'], 'shop');
  });

  it('has its own time limit, in the canary too', async () => {
    const { get, feature } = await serve({
      fresh: () => {},
      feature: '      phase: live\n      timeout: 50ms\n      canary: { percent: 100 }',
    });
    assert.equal((await get('/orders/1')).status, 504);
    await feature().control.set('canary', 100, 'test');
    assert.equal((await get('/orders/1')).status, 504);
    assert.equal(feature().report().sides.new.failed, 1);
  });
});

describe('switching', () => {
  afterEach(closeSides);

  it('by command takes effect at once, and is told in the report until the resource says the same', async () => {
    const { get, feature, report, declare, logged } = await serve({ feature: '      phase: legacy' });
    await feature().control.promote('looks good');
    assert.equal(report().phase, 'shadow');
    await feature().control.promote('looks good');
    assert.partialDeepStrictEqual(report(), {
      phase: 'canary',
      percent: 10,
      declared: { phase: 'legacy' },
      switched: { by: 'command', reason: 'looks good' },
    });
    assert.match(logged.at(-1)?.message ?? '', /orders of shop: shadow → canary 10%/);
    declare('      phase: canary');
    assert.equal(report().switched, undefined);
    assert.equal(report().phase, 'canary');
    await feature().control.set('live', undefined, 'all in');
    assert.equal(from((await get('/orders/1')).text), 'new');
    declare('      phase: shadow');
    assert.partialDeepStrictEqual(report(), { phase: 'shadow', declared: { phase: 'shadow' } });
    assert.deepEqual(
      report().moves.map(({ by, to }) => `${by} ${to.phase}`),
      ['command shadow', 'command canary', 'command live', 'resource shadow'],
    );
  });

  it('is kept over a restart, as long as the resource says what it said', async () => {
    const switches = createMemorySwitches();
    const first = await serve({ feature: '      phase: shadow', options: { switches } });
    await first.feature().control.set('canary', 50, 'half');
    await first.close();
    const second = await serve({ feature: '      phase: shadow', options: { switches } });
    assert.partialDeepStrictEqual(second.report(), { phase: 'canary', percent: 50, switched: { reason: 'half' } });
    await second.close();
    const third = await serve({ feature: '      phase: live', options: { switches } });
    assert.equal(third.report().phase, 'live');
  });

  it('is another step than the one that was meant, once the feature has moved: refused, and said where it is', async () => {
    const { feature, report } = await serve({ feature: '      phase: shadow' });
    const { next } = report();
    assert.deepEqual(next, { phase: 'canary', percent: 10 });
    await feature().control.promote('somebody else', false, next);
    await assert.rejects(feature().control.promote('on', false, next), {
      code: 'conflict',
      message: /has moved meanwhile, to canary 10%\. Look at it again/,
    });
    assert.partialDeepStrictEqual(report(), { phase: 'canary', percent: 10, next: { phase: 'live', percent: 100 } });
    await feature().control.promote('on', false, report().next);
    assert.deepEqual([report().phase, report().next], ['live', undefined]);
    await assert.rejects(feature().control.promote('on', false, { phase: 'live', percent: 100 }), /moved meanwhile/);
  });

  it('does not happen when it cannot be kept', async () => {
    const switches = { ...createMemorySwitches(), write: () => Promise.reject(new Error('the disk is full')) };
    const { feature, report } = await serve({ feature: '      phase: shadow', options: { switches } });
    await assert.rejects(feature().control.set('live', undefined, 'test'), /disk is full/);
    assert.equal(report().phase, 'shadow');
  });

  it('refuses steps that there are not', async () => {
    const { feature } = await serve({ feature: '      phase: live' });
    await assert.rejects(feature().control.promote('on'), /set the phase "retired"/);
    await feature().control.set('retired', undefined, 'for good');
    await assert.rejects(feature().control.promote('on'), /no step after/);
    await assert.rejects(feature().control.backOut('oh'), /legacy is gone/);
    await feature().control.set('legacy', undefined, 'a mistake');
    await assert.rejects(feature().control.backOut('oh'), /answered by legacy already/);
  });

  it('backs out to legacy at once', async () => {
    const { get, feature } = await serve({ feature: '      phase: live' });
    await feature().control.backOut('it burns');
    assert.equal(from((await get('/orders/1')).text), 'legacy');
  });
});
