// Topics, Subscriptions and Queues with what goes through them, for `tenfold get`.
import type { ResourceSummary } from '../../admin/api.ts';
import type { ConsumerReport, TopicReport } from '../../admin/event-view.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { relativeAge } from '../relative-age.ts';
import { type Columns, conditionColumn, worst } from './tables.ts';

export type EventKind = 'Topic' | 'Subscription' | 'Queue';

/** A resource; what is known of its traffic is beside it, once it is in force. */
export type EventRow = ResourceSummary & Partial<Omit<TopicReport & ConsumerReport, 'kind' | 'namespace' | 'name'>>;

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
};

export function eventKindOf(word: string | undefined): EventKind | undefined {
  return word === undefined ? undefined : KINDS[word];
}

export async function eventRows(
  kind: EventKind,
  namespace: string | undefined,
  client: Pick<AdminClient, 'resources' | 'topics' | 'consumers'>,
): Promise<EventRow[]> {
  const [resources, reports] = await Promise.all([
    client.resources({ kind, namespace }),
    kind === 'Topic' ? client.topics({ namespace }) : client.consumers({ kind, namespace }),
  ]);
  return resources.items.map(resource => {
    const report = reports.items.find(each => each.name === resource.name && each.namespace === resource.namespace);
    return { ...report, ...resource };
  });
}

export const topicColumns: Columns<EventRow> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: EventRow) => row.namespace }] : []),
  { title: 'NAME', value: row => row.name, paint: () => style.bold },
  conditionColumn('Ready', style),
  { title: 'PARTITIONS', value: row => row.partitions ?? '-' },
  { title: 'EVENTS', value: row => row.events ?? '-' },
  { title: 'APPENDED', value: row => row.appended ?? '-' },
  ...(wide ? [{ title: 'IN THE LOG', value: (row: EventRow) => row.topic ?? '-' }] : []),
  { title: 'MESSAGE', value: row => worst(row)?.message ?? '' },
];

export const consumerColumns: Columns<EventRow> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: EventRow) => row.namespace }] : []),
  { title: 'NAME', value: row => row.name, paint: () => style.bold },
  conditionColumn('Ready', style),
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
