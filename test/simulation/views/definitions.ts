// The Views that are simulated: one of each shape, and how each is defined
// before and after it changes.
import { viewGroupOf } from '../../../core/names.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import type { Resource } from '../../../resources/resource.ts';
import { createResourceSet, type ResourceSet } from '../../../resources/resource-set.ts';
import { compileViews, type ViewPlan } from '../../../worker/plan/compile-views.ts';

export const KINDS = [
  'table',
  'merge',
  'state',
  'aggregate',
  'sum',
  'max',
  'last',
  'window',
  'feed',
  'search',
] as const;
export type Kind = (typeof KINDS)[number];
/** Of the second one events of type Odd do not count. */
export type Variant = 'first' | 'second';

export interface Definition {
  readonly variant: Variant;
  readonly plan: ViewPlan;
  readonly resource: Resource<'View'>;
  readonly resources: ResourceSet;
}

export const NAMESPACE = 'shop';
export const VIEW = 'seen';
export const GROUP: string = viewGroupOf(NAMESPACE, VIEW);
/** In the log, with their partitions. */
export const SOURCES = [
  ['shop.orders', 3],
  ['shop.extras', 2],
] as const;
export const FEED_LIMIT = 4;
export const WINDOW_MS = 60_000;

const MEMBER = "member: '${event.data.key}', score: '${event.data.points}', value: { 'n': '${event.data.n}' }";
const GONE = 'delete: \'${event.type == "Gone"}\'';

const SHAPES: Readonly<Record<Kind, string>> = {
  table: `table: { key: '\${event.data.key}', ${GONE}, indexes: [all] }`,
  merge: `table: { key: '\${event.data.key}', merge: true, ${GONE}, indexes: [all] }`,
  state: `table: { key: '\${event.data.key}', value: { total: '\${(row == null ? 0 : row.total) + event.data.points}', "n": '\${event.data.n}', all: 1 }, ${GONE}, indexes: [all] }`,
  aggregate: `aggregate: { by: '\${event.data.key}', values: { events: count(), points: sum(event.data.points), "n": last(event.data.n), entries: 'top(event.data.entry, 2)', all: max(event.data.all) }, having: '\${row.events > 1}', indexes: [all] }`,
  sum: `ranking: { ${MEMBER}, mode: sum, ${GONE} }`,
  max: `ranking: { ${MEMBER}, mode: max, ${GONE} }`,
  last: `ranking: { ${MEMBER}, mode: last, ${GONE} }`,
  window: `ranking: { ${MEMBER}, mode: sum, window: ${WINDOW_MS}ms, ${GONE} }`,
  feed: `feed: { owner: '\${event.data.key}', id: '\${event.data.entry}', limit: ${FEED_LIMIT}, ${GONE} }`,
  search: `search: { id: '\${event.data.key}', ${GONE}, fields: { "n": { type: number }, all: { type: number } } }`,
};

const made = new Map<string, Definition>();

/** Plans hold nothing that changes, so all runs share them. `rate`: of rebuilds. */
export function defineView(kind: Kind, variant: Variant, rate: string | undefined): Definition {
  const name = [kind, variant, rate].join();
  const known = made.get(name);
  if (known) return known;
  const text = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders, namespace: ${NAMESPACE} }
spec: { partitions: 3 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: extras, namespace: ${NAMESPACE} }
spec: { partitions: 2 }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: ${VIEW}, namespace: ${NAMESPACE} }
spec:
  from: [orders, extras]
  ${variant === 'second' ? 'filter: \'${event.type != "Odd"}\'' : ''}
  ${SHAPES[kind]}
  query: { maxLimit: 1000 }
  ${rate === undefined ? '' : `rebuild: { rate: ${rate} }`}
`;
  const { resources, problems } = loadText('app.yaml', text);
  const failed = (message: string): never => {
    throw new Error(`${kind}: ${message}`);
  };
  for (const { message } of problems) failed(message);
  const set = createResourceSet(resources);
  const [plan] = compileViews(set, (_, __, ___, message) => failed(message));
  if (plan === undefined) return failed('no plan');
  const definition = { variant, plan, resource: plan.resource, resources: set };
  made.set(name, definition);
  return definition;
}
