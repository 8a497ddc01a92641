// An application with nodes of all kinds, whose graph tests look at.
import assert from 'node:assert/strict';
import type { EventControl } from '../../../admin/event-view.ts';
import { noEvents } from '../../../admin/no-events.ts';
import type { PlatformView } from '../../../admin/platform-view.ts';
import { noPolicies } from '../../../admin/policy-view.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import type { AnyResource } from '../../../resources/resource.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { fakeView } from '../../fakes/platform-view.ts';

function resource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: shop }\nspec: ${spec}`;
}

const YAML = [
  resource('Topic', 'orders', '{ partitions: 1 }'),
  resource('Topic', 'late', '{ partitions: 1 }'),
  resource('Function', 'menu', '{ source: ./menu.ts }'),
  resource('Queue', 'exports', '{ to: { function: menu } }'),
  resource('Subscription', 'wall', '{ topic: orders, to: { url: "https://wall.example/hook" } }'),
  resource('Subscription', 'feed', '{ topic: orders, to: { view: sold }, reply: { topic: late } }'),
  resource('View', 'sold', '{ from: [late], table: { key: "${event.data.item}" } }'),
  resource('FanOut', 'labels', '{ "on": { topic: orders }, split: "${event.data.items}", worker: { function: menu } }'),
  resource('Aggregate', 'page', '{ parts: { menu: { to: { function: menu } } }, response: { body: {} } }'),
  resource(
    'Api',
    'web',
    `
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { path: /menu }, to: { function: menu } }
    - { match: { path: /menu/today }, to: { function: menu } }
    - { match: { path: /sold }, to: { view: sold } }
    - { match: { path: /page }, to: { aggregate: page } }
    - { match: { path: /exports }, to: { queue: exports } }`,
  ),
].join('\n---\n');

export function shopResources(): readonly AnyResource[] {
  const { resources, problems } = loadText('app.yaml', YAML);
  assert.deepEqual(problems, []);
  return resources;
}

export interface ShopNumbers {
  delivered: number;
  requests: number;
  away: boolean;
}

/** `numbers` may change between two questions. */
export function shopView(numbers: ShopNumbers, resources = shopResources()): PlatformView {
  const none = { parkedKeys: 0, parkedEvents: 0, failures: 0 };
  const events: EventControl = {
    ...noEvents,
    async consumers() {
      if (numbers.away) throw new Error('away');
      const { delivered } = numbers;
      const target = { target: 'url https://wall.example/hook' };
      return [
        fakeConsumer('wall', { namespace: 'shop', lag: 7, ...target, delivered, attempts: delivered + 4, failures: 4 }),
        fakeConsumer('exports', { ...none, namespace: 'shop', kind: 'Queue', lag: 2, target: 'function menu' }),
      ];
    },
  };
  const route = { kind: 'Api', namespace: 'shop', name: 'web', methods: [], host: undefined, conditions: [] };
  const cached = { hits: 3, stale: 0, staleOnError: 0, misses: 2, collapsed: 0, bypassed: 0, stored: 2, refreshes: 0 };
  const owner = { kind: 'Api', namespace: 'shop', name: 'web', route: '/menu', target: 'function menu' };
  return fakeView({
    resources,
    events,
    routes: () => [{ ...route, path: '/menu', target: 'function menu', listeners: ['public'] }],
    requests: () => [
      { listener: 'public', kind: 'Api', namespace: 'shop', name: 'web', requests: numbers.requests, errors: 1 },
    ],
    policies: { ...noPolicies, cache: () => ({ answers: 2, bytes: 2, routes: [{ ...owner, ...cached }] }) },
  });
}

/** A View reads one Topic and another View two; a Pipeline reads a Topic, and rows of a View. */
export function readersView(): PlatformView {
  const table = 'table: { key: "${event.data.item}" }';
  const yaml = [
    resource('Topic', 'orders', '{ partitions: 1 }'),
    resource('Topic', 'late', '{ partitions: 1 }'),
    resource('View', 'one', `{ from: [orders], ${table} }`),
    resource('View', 'two', `{ from: [orders, late], ${table} }`),
    resource(
      'Pipeline',
      'risk',
      '{ from: { topic: orders }, steps: [{ join: { view: one, key: "${event.data.item}", as: item } }], to: [{ topic: late }] }',
    ),
  ].join('\n---\n');
  const { resources, problems } = loadText('app.yaml', yaml);
  assert.deepEqual(problems, []);
  const own = { namespace: 'shop', state: 'running', lastError: undefined } as const;
  const counts = { repeated: 0, refused: 0, deadLetters: 0, jumped: 0 };
  const built = { generation: '0123456789ab', building: undefined, asOf: undefined };
  const views = ['one', 'two'].map(name => ({ ...own, ...counts, ...built, name, folded: 9, behind: 5 }));
  const left = { emitted: 0, late: 0, filtered: 0, deduplicated: 0, unjoined: 0, joining: 0, parkedEvents: 0 };
  const rest = { ...left, watermark: undefined, archives: [], tables: [] };
  const pipelines = [{ ...own, ...counts, ...rest, name: 'risk', handled: 8, lag: 2 }];
  return fakeView({ resources, events: { ...noEvents, views: async () => views, pipelines: async () => pipelines } });
}
