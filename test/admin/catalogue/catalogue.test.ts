// The catalogue of Topics over the real admin server: what it says of each, page by page, to whom;
// and that it is made once, in a time that grows with the resources alone.
import assert from 'node:assert/strict';
import { createCatalogue } from '../../../admin/catalogue/catalogue.ts';
import type { TopicEntry } from '../../../admin/catalogue/catalogue-view.ts';
import type { Page } from '../../../admin/page.ts';
import { realWorld } from '../../../core/world.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { adminPorts } from '../running-admin.ts';
import { catalogueResources } from './topics-of-shop.ts';

describe('the catalogue of Topics', () => {
  const start = adminPorts();
  const listFrom = async (path: string) => {
    const ask = await start(fakeView({ resources: catalogueResources() }));
    return (await ask<Page<TopicEntry>>(`/api/topics/catalogue${path}`)).body;
  };

  it('says what a Topic is for, whose it is, what its events look like, and who sends and reads them', async () => {
    const { items } = await listFrom('?namespace=shop&name=orders');
    const at = { namespace: 'shop' };
    assert.deepEqual(items, [
      {
        namespace: 'shop',
        name: 'orders',
        description: 'Each order once.',
        owner: 'group:default/sales',
        lifecycle: 'production',
        schema: {
          type: 'object',
          description: 'An order.',
          properties: { id: { type: 'string' }, card: { type: 'string', 'x-sensitive': true } },
          examples: [{ id: '17' }],
        },
        compatibility: 'full',
        sensitive: ['card'],
        samples: [{ id: '17' }],
        producers: [
          { kind: 'Schedule', ...at, name: 'nightly', cron: '30 2 * * *' },
          { kind: 'Api', ...at, name: 'web', owner: 'group:default/web' },
        ],
        consumers: [
          {
            kind: 'Subscription',
            ...at,
            name: 'shipping',
            filter: "${event.data.id != ''}",
            to: ['Queue/shop/labels'],
          },
          { kind: 'View', ...at, name: 'sold', to: [] },
          { kind: 'Pipeline', ...at, name: 'busy', to: ['Topic/shop/late'] },
          { kind: 'FanOut', ...at, name: 'prints', to: ['Function/shop/ship'] },
        ],
      },
    ]);
  });

  it('takes the description of the schema where there is no annotation, and names a registry', async () => {
    const { items } = await listFrom('');
    assert.deepEqual(
      items.map(({ name, description, external, registry, producers }) => [
        name,
        description,
        external,
        registry,
        producers.map(each => each.name),
      ]),
      [
        ['payments', undefined, true, { format: 'avro', subject: 'pay' }, []],
        ['late', 'What came late.', undefined, undefined, ['busy']],
        ['orders', 'Each order once.', undefined, undefined, ['nightly', 'web']],
      ],
    );
  });

  for (const [query, found] of [
    ['text=SHIPPING', ['orders']],
    ['text=came%20late', ['late']],
    ['owner=group:default/sales', ['orders']],
    ['lifecycle=production', ['orders']],
    ['lifecycle=production&text=late', []],
  ] as const)
    it(`is searched by words, owner and lifecycle: ${query}`, async () => {
      const { items } = await listFrom(`?${query}`);
      assert.deepEqual(
        items.map(({ name }) => name),
        found,
      );
    });

  it('comes page by page', async () => {
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await listFrom(`?limit=1${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`);
      names.push(...page.items.map(({ name }) => name));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(names, ['payments', 'late', 'orders']);
  });

  it('ends a page that would become too long, and goes on behind it', async () => {
    const large = { description: 'x'.repeat(1_500_000) };
    const [first] = catalogueResources();
    assert.ok(first?.kind === 'Topic');
    const resources = ['a', 'b', 'c', 'd'].map(name => ({
      ...first,
      metadata: { ...first.metadata, name },
      spec: { ...first.spec, schema: large },
    }));
    const ask = await start(fakeView({ resources }));
    const page = (await ask<Page<TopicEntry>>('/api/topics/catalogue?limit=1000')).body;
    assert.deepEqual([page.items.map(({ name }) => name), page.next], [['a', 'b'], 'shop/b']);
    const rest = (await ask<Page<TopicEntry>>(`/api/topics/catalogue?after=${page.next}`)).body;
    assert.deepEqual([rest.items.map(({ name }) => name), rest.next], [['c', 'd'], undefined]);
  });

  it('is made once for each state of the resources, and has none while none are known', async () => {
    const resources = createResourceSet(catalogueResources());
    let current: { generation: number; resources: typeof resources; warnings: [] } | undefined;
    const catalog = {
      problems: [],
      get current() {
        return current;
      },
    };
    const catalogue = createCatalogue({ catalog }, realWorld);
    assert.deepEqual(await catalogue(), []);
    current = { generation: 1, resources, warnings: [] };
    const [one, other] = await Promise.all([catalogue(), catalogue()]);
    assert.equal(one, other);
    current = { generation: 2, resources: createResourceSet(resources.all.slice(1)), warnings: [] };
    assert.equal((await catalogue()).length, 2);
  });

  it('looks at each of many resources once', async () => {
    const [topic] = catalogueResources();
    const subscription = catalogueResources().find(({ kind }) => kind === 'Subscription');
    assert.ok(topic && subscription);
    let looks = 0;
    const many = Array.from({ length: 1000 }, (_, at) => {
      const name = `t${at}`;
      const reader = { ...subscription, metadata: { ...subscription.metadata, name } };
      const manifest = { spec: { topic: name, to: { queue: 'labels' } } };
      Object.defineProperty(reader, 'manifest', {
        get() {
          looks++;
          return manifest;
        },
      });
      return [{ ...topic, metadata: { ...topic.metadata, name } }, reader];
    }).flat();
    const catalog = { current: { generation: 1, resources: createResourceSet(many), warnings: [] }, problems: [] };
    const items = await createCatalogue({ catalog }, realWorld)();
    assert.deepEqual(
      items.filter(({ entry }) => entry.consumers.length !== 1),
      [],
    );
    assert.equal(looks, 1000);
  });
});
