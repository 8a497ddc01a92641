// The endpoints of Stranglers: reports, moves, and what is refused.
import assert from 'node:assert/strict';
import { createAdminServer } from '../../admin/admin-server.ts';
import type { FeatureMove } from '../../admin/platform-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { listen } from '../../core/http/http-server.ts';
import { fakeResource, fakeView } from '../fakes/platform-view.ts';
import { fakeFeature, fakeStrangler } from '../fakes/strangler-report.ts';

const orders = fakeFeature('orders', {
  phase: 'canary',
  percent: 10,
  declared: { phase: 'shadow', percent: 0 },
  switched: { by: 'promotion', at: '2026-11-25T00:00:00.000Z', reason: 'went well' },
});
const shop = fakeStrangler('shop', [orders, fakeFeature('cart')]);

interface Answered {
  readonly features: readonly unknown[];
  readonly conditions: readonly { readonly message: string }[];
}

describe('admin API of Stranglers', () => {
  let server: ReturnType<typeof createAdminServer>;
  let address: string;
  let moves: [string, FeatureMove][];

  before(async () => {
    const view = fakeView({
      resources: [fakeResource('Strangler', 'shop')],
      stranglers: {
        list: () => [shop],
        get(_namespace, name) {
          if (name === 'shop') return shop;
          throw new TenfoldError('not-found', `There is no Strangler "${name}".`);
        },
        async move(namespace, name, feature, move) {
          moves.push([`${namespace}/${name}/${feature}`, move]);
          return orders;
        },
      },
    });
    server = createAdminServer(view, { token: 'the-token' });
    address = await listen(server, '127.0.0.1', 0);
  });
  beforeEach(() => {
    moves = [];
  });
  after(() => void server.close());

  const ask = async (method: string, path: string, body?: string) => {
    const answer = await fetch(`${address}/api${path}`, {
      method,
      headers: { authorization: 'Bearer the-token', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, allow: answer.headers.get('allow'), body: (await answer.json()) as Answered };
  };
  const feature = '/stranglers/default/shop/features/orders';

  it('tells of all, of those in a namespace, and of one', async () => {
    assert.deepEqual((await ask('GET', '/stranglers')).body, { items: [JSON.parse(JSON.stringify(shop))] });
    assert.deepEqual((await ask('GET', '/stranglers?namespace=other')).body, { items: [] });
    assert.equal((await ask('GET', '/stranglers/default/shop')).body.features.length, 2);
    assert.equal((await ask('GET', '/stranglers/default/nope')).status, 404);
  });

  const taken: { name: string; method: string; path: string; body?: string; move: FeatureMove }[] = [
    {
      name: 'a phase',
      method: 'PUT',
      path: '/phase',
      body: '{"phase":"canary","percent":5,"reason":"why"}',
      move: { action: 'set', phase: 'canary', percent: 5, reason: 'why', force: false },
    },
    {
      name: 'a step on',
      method: 'POST',
      path: '/promote',
      move: { action: 'promote', reason: 'Moved by command.', force: false },
    },
    {
      name: 'a step on that somebody insists on',
      method: 'POST',
      path: '/promote',
      body: '{"force":true}',
      move: { action: 'promote', reason: 'Moved by command.', force: true },
    },
    {
      name: 'a step on where it leads to what was meant',
      method: 'POST',
      path: '/promote',
      body: '{"to":{"phase":"canary","percent":50}}',
      move: { action: 'promote', reason: 'Moved by command.', force: false, to: { phase: 'canary', percent: 50 } },
    },
    {
      name: 'the way back',
      method: 'POST',
      path: '/back-out',
      body: '{"reason":"it burns"}',
      move: { action: 'back-out', reason: 'it burns' },
    },
  ];
  for (const { name, method, path, body, move } of taken) {
    it(`takes ${name}`, async () => {
      assert.equal((await ask(method, feature + path, body)).status, 200);
      assert.deepEqual(moves, [['default/shop/orders', move]]);
    });
  }

  const refused: [string, string, string, string | undefined, number][] = [
    ['a phase that is none', 'PUT', '/phase', '{"phase":"dead"}', 400],
    ['a share above 100', 'PUT', '/phase', '{"phase":"canary","percent":101}', 400],
    ['a share of another phase', 'PUT', '/phase', '{"phase":"live","percent":1}', 400],
    ['an unknown member', 'PUT', '/phase', '{"phase":"live","hurry":true}', 400],
    ['a way back that somebody insists on', 'POST', '/back-out', '{"force":true}', 400],
    ['no body', 'PUT', '/phase', undefined, 400],
    ['what is no JSON', 'PUT', '/phase', '{', 400],
    ['too much', 'PUT', '/phase', JSON.stringify({ phase: 'live', reason: 'x'.repeat(5000) }), 413],
    ['another method', 'GET', '/phase', undefined, 405],
    ['another method for a step', 'PUT', '/promote', undefined, 405],
  ];
  for (const [name, method, path, body, status] of refused) {
    it(`refuses ${name} with ${status}`, async () => {
      const answer = await ask(method, feature + path, body);
      assert.equal(answer.status, status);
      assert.deepEqual(moves, []);
      if (status === 405) assert.match(answer.allow ?? '', /^(PUT|POST)$/);
    });
  }

  it('says with the resource that it stands elsewhere than written', async () => {
    const { body } = await ask('GET', '/resources/Strangler/default/shop');
    assert.partialDeepStrictEqual(body.conditions[0], { type: 'Accepted', status: 'True', reason: 'Switched' });
    assert.match(body.conditions[0]?.message ?? '', /orders is canary 10% and the resource says shadow/);
  });
});
