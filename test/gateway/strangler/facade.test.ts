// A facade as a whole: what it tells of all features, a new side of several targets, and what it
// says of a sync that it does not do.
import assert from 'node:assert/strict';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import type { SyncStatus } from '../../../gateway/strangler/phase/sync-status.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { serveYaml } from '../serve-yaml.ts';
import { says } from './two-sides.ts';

type Upstream = Awaited<ReturnType<typeof startUpstream>>;

const yaml = (legacy: string, blue: string, green: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: "${legacy}" }
  features:
    - name: orders
      match: { path: /orders/* }
      to: [ { url: "${blue}", weight: 75 }, { url: "${green}", weight: 25 } ]
      phase: shadow
      shadow: { compare: { body: none } }
      canary: { sticky: "header:x-user" }
    - name: carts
      match: { path: /carts/* }
      to: { url: "${green}" }
      phase: live
`;

describe('a facade', () => {
  let legacy: Upstream;
  let blue: Upstream;
  let green: Upstream;
  let served: Awaited<ReturnType<typeof serveYaml>>;

  beforeEach(async () => {
    [legacy, blue, green] = await Promise.all([
      startUpstream(says('legacy')),
      startUpstream(says('blue')),
      startUpstream(says('green')),
    ]);
    served = await serveYaml(yaml(legacy.origin, blue.origin, green.origin));
  });
  afterEach(async () => {
    await served.close();
    await Promise.all([legacy, blue, green].map(upstream => upstream.close()));
  });

  const get = async (path: string, headers: Record<string, string> = {}) =>
    JSON.parse(await (await fetch(served.address + path, { headers })).text()).from;

  it('tells of every feature, and of what none of them takes', async () => {
    assert.deepEqual([await get('/pages'), await get('/carts/1'), await get('/carts')], ['legacy', 'green', 'green']);
    const facade = served.facade('shop');
    await eventually(() => facade.report().rest.requests === 1, 'the answer of legacy is counted');
    const { features } = facade.report();
    assert.deepEqual(
      features.map(({ name, phase, sides }) => [name, phase, sides.new.requests]),
      [
        ['orders', 'shadow', 0],
        ['carts', 'live', 2],
      ],
    );
  });

  it('names the nearest feature for one that it has not', () => {
    const facade = served.facade('shop');
    assert.throws(() => facade.feature('oders'), {
      code: 'not-found',
      message: /no feature "oders"\. Did you mean "orders"/,
    });
    assert.throws(() => facade.feature('x'.repeat(10_000)), { code: 'not-found', message: /^.{0,200}$/ });
  });

  it('sends copies to the targets of the new side by their weights', async () => {
    for (let number = 0; number < 200; number++) await get(`/orders/${number}`);
    const leftOut = () =>
      Object.values(served.facade('shop').feature('orders').report().shadow.skipped).reduce(
        (sum, count) => sum + count,
        0,
      );
    await eventually(() => blue.seen.length + green.seen.length + leftOut() === 200, 'every copy was sent or left out');
    const share = green.seen.length / (blue.seen.length + green.seen.length);
    assert.ok(share > 0.1 && share < 0.4, `${share}`);
    assert.equal(legacy.seen.length, 200);
  });

  it('keeps a client on one of the targets of the new side', async () => {
    served.swap(yaml(legacy.origin, blue.origin, green.origin).replace('phase: shadow', 'phase: live'));
    const sides = new Map<string, Set<string>>();
    for (let visit = 0; visit < 3; visit++) {
      for (let user = 0; user < 40; user++) {
        const name = `user-${user}`;
        sides.set(name, (sides.get(name) ?? new Set()).add(await get('/orders/1', { 'x-user': name })));
      }
    }
    assert.ok([...sides.values()].every(seen => seen.size === 1));
    assert.deepEqual([...new Set([...sides.values()].flatMap(seen => [...seen]))].sort(), ['blue', 'green']);
  });
});

describe('a feature with sync', () => {
  it('says how far legacy is behind, and moves on only when that is near enough', async () => {
    const text = yaml('http://legacy.example', 'http://a.example', 'http://b.example').replace(
      'phase: live',
      'phase: shadow\n      sync: { topic: changes, to: { url: "http://b.example" }, maxLag: 10s }',
    );
    const topic = '---\napiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: changes }\nspec: {}\n';
    const { resources, problems } = loadText('app.yaml', text + topic);
    assert.deepEqual(problems, []);
    const asked: string[][] = [];
    let moves = 0;
    let status: SyncStatus | undefined;
    const environment = {
      ...createFakeEnvironment(),
      syncs: {
        statusOf(...names: string[]) {
          asked.push(names);
          return status;
        },
        moved: () => moves++,
      },
    };
    const compiled = compilePlan(createResourceSet(resources), environment, createPlanStateStore().begin());
    assert.deepEqual(compiled.problems, []);
    const feature = compiled.facades[0]?.feature(compiled.facades[0].report().features[1]?.name ?? '');
    assert.ok(feature);
    assert.equal(feature.report().sync?.behind, 'How far legacy is behind is not known yet.');
    assert.deepEqual(asked[0], ['default', 'shop', feature.name]);
    await assert.rejects(feature.control.promote('why'), /not known yet\. Wait, or insist with force/);
    const near = { target: 'url b.example', state: 'running', heldKeys: 0, delivered: 5, returned: 2 } as const;
    status = { ...near, lag: 3, ageMs: 10_001 };
    assert.match(feature.report().sync?.behind ?? '', /^Legacy is 11s behind \(3 changes, at most 10s\)\.$/);
    await assert.rejects(feature.control.promote('why'), { code: 'conflict' });
    status = { ...near, lag: 3, ageMs: 10_000 };
    await feature.control.promote('why');
    assert.equal(feature.phase, 'canary');
    await assert.rejects(feature.control.set('retired', undefined, 'why'), /lacks changes \(3 changes\)/);
    status = { ...near, lag: 0, ageMs: 0 };
    await feature.control.set('retired', undefined, 'why');
    status = undefined;
    await feature.control.set('retired', undefined, 'again');
    assert.equal(moves, 3);
  });
});
