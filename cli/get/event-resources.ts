// Topics, Subscriptions, Queues, Views and Pipelines with what goes
// through them, for `tenfold get`.
import type { ResourceSummary } from '../../admin/api.ts';
import type { ConsumerReport, PipelineReport, TopicReport, ViewReport } from '../../admin/event-view.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { relativeAge } from '../relative-age.ts';
import { type Columns, conditionColumn, worst } from './tables.ts';

export type EventKind = 'Topic' | 'Subscription' | 'Queue' | 'View' | 'Pipeline';

/** A resource, with the figures of its traffic once it is in force. */
export type EventRow = ResourceSummary &
  Partial<
    Omit<TopicReport & Omit<ConsumerReport, 'state'>, 'kind' | 'namespace' | 'name'> &
      Omit<ViewReport, 'state' | 'namespace' | 'name' | 'lastError'> &
      Omit<PipelineReport, 'state' | 'namespace' | 'name' | 'lastError'>
  > & { readonly state?: ConsumerReport['state'] | ViewReport['state'] };

const KINDS: Readonly<Record<string, EventKind>> = {
  topic: 'Topic',
  topics: 'Topic',
  tp: 'Topic',
  subscription: 'Subscription',
  subscriptions: 'Subscription',
  sub: 'Subscription',
  queue: 'Queue',
  queues: 'Queue',
  qu: 'Queue',
  view: 'View',
  views: 'View',
  vw: 'View',
  pipeline: 'Pipeline',
  pipelines: 'Pipeline',
  pl: 'Pipeline',
};

export function eventKindOf(word: string | undefined): EventKind | undefined {
  return word === undefined ? undefined : KINDS[word];
}

export async function eventRows(
  kind: EventKind,
  namespace: string | undefined,
  client: Pick<AdminClient, 'resources' | 'topics' | 'consumers' | 'views' | 'pipelines'>,
): Promise<EventRow[]> {
  const [resources, reports] = await Promise.all([
    client.resources({ kind, namespace }),
    reportsOf(kind, namespace, client),
  ]);
  return resources.items.map(resource => {
    const report = reports.items.find(each => each.name === resource.name && each.namespace === resource.namespace);
    return { ...report, ...resource };
  });
}

async function reportsOf(
  kind: EventKind,
  namespace: string | undefined,
  client: Pick<AdminClient, 'topics' | 'consumers' | 'views' | 'pipelines'>,
): Promise<{ readonly items: readonly (TopicReport | ConsumerReport | ViewReport | PipelineReport)[] }> {
  if (kind === 'Topic') return client.topics({ namespace });
  if (kind === 'Pipeline') return client.pipelines({ namespace });
  return kind === 'View' ? client.views({ namespace }) : client.consumers({ kind, namespace });
}

export const topicColumns: Columns<EventRow> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: EventRow) => row.namespace }] : []),
  { title: 'NAME', value: row => row.name, paint: () => style.bold },
  conditionColumn('Ready', style),
  conditionColumn('Healthy', style),
  { title: 'PARTITIONS', value: row => row.partitions ?? '-' },
  { title: 'EVENTS', value: row => row.events ?? '-' },
  { title: 'APPENDED', value: row => row.appended ?? '-' },
  ...(wide ? [{ title: 'IN THE LOG', value: (row: EventRow) => row.topic ?? '-' }] : []),
  { title: 'MESSAGE', value: row => worst(row)?.message ?? '' },
];

export const consumerResourceColumns: Columns<EventRow> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: EventRow) => row.namespace }] : []),
  { title: 'NAME', value: row => row.name, paint: () => style.bold },
  conditionColumn('Ready', style),
  conditionColumn('Healthy', style),
  { title: 'STATE', value: row => row.state ?? '-' },
  { title: 'TARGET', value: row => row.target ?? '-' },
  { title: 'LAG', value: row => row.lag ?? '-' },
  ...(wide
    ? [
        { title: 'OLDEST', value: (row: EventRow) => relativeAge(row.oldestAgeMs) },
        { title: 'IN FLIGHT', value: (row: EventRow) => row.inFlight ?? '-' },
        { title: 'PARKED', value: (row: EventRow) => row.parkedEvents ?? '-' },
        { title: 'PARKED KEYS', value: (row: EventRow) => row.parkedKeys ?? '-' },
      ]
    : []),
  {
    title: 'DEAD',
    value: row => row.deadLetters ?? '-',
    paint: row => ((row.deadLetters ?? 0) > 0 ? style.red : undefined),
  },
  ...(wide ? [{ title: 'TOPIC', value: (row: EventRow) => row.topic ?? '-' }] : []),
  { title: 'MESSAGE', value: row => worst(row)?.message ?? '' },
];

export const viewColumns: Columns<EventRow> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: EventRow) => row.namespace }] : []),
  { title: 'NAME', value: row => row.name, paint: () => style.bold },
  conditionColumn('Ready', style),
  conditionColumn('Healthy', style),
  { title: 'STATE', value: row => row.state ?? '-' },
  { title: 'BEHIND', value: row => row.behind ?? '-' },
  { title: 'AS OF', value: row => row.asOf ?? '-' },
  { title: 'FOLDED', value: row => row.folded ?? '-' },
  {
    title: 'SET ASIDE',
    value: row => row.deadLetters ?? '-',
    paint: row => ((row.deadLetters ?? 0) > 0 ? style.red : undefined),
  },
  ...(wide
    ? [
        { title: 'REPEATED', value: (row: EventRow) => row.repeated ?? '-' },
        { title: 'LOST', value: (row: EventRow) => row.jumped ?? '-' },
        { title: 'GENERATION', value: (row: EventRow) => row.generation ?? '-' },
      ]
    : []),
  { title: 'MESSAGE', value: row => worst(row)?.message ?? '' },
];

export const pipelineColumns: Columns<EventRow> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: EventRow) => row.namespace }] : []),
  { title: 'NAME', value: row => row.name, paint: () => style.bold },
  conditionColumn('Ready', style),
  conditionColumn('Healthy', style),
  { title: 'STATE', value: row => row.state ?? '-' },
  { title: 'LAG', value: row => row.lag ?? '-' },
  { title: 'HANDLED', value: row => row.handled ?? '-' },
  { title: 'LATE', value: row => row.late ?? '-' },
  {
    title: 'DEAD',
    value: row => row.deadLetters ?? '-',
    paint: row => ((row.deadLetters ?? 0) > 0 ? style.red : undefined),
  },
  ...(wide
    ? [
        { title: 'RESULTS', value: (row: EventRow) => row.emitted ?? '-' },
        { title: 'WATERMARK', value: (row: EventRow) => row.watermark ?? '-' },
        { title: 'PARKED', value: (row: EventRow) => row.parkedEvents ?? '-' },
        { title: 'LOST', value: (row: EventRow) => row.jumped ?? '-' },
      ]
    : []),
  { title: 'MESSAGE', value: row => worst(row)?.message ?? '' },
];
