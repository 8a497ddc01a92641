// The tables of `tenfold top`.
import { counted } from '../../core/units/counted.ts';
import { lastErrorWords } from '../events/cause-words.ts';
import { statePaint } from '../events/consumer-columns.ts';
import { type Column, renderTable } from '../output/table.ts';
import { parkedHint } from '../parked/hint.ts';
import { relativeAge } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { ConsumerRates, Snapshot, TopicRates } from './rates.ts';

/** The rows that need a person come first. `height` cuts off what the window has no lines for. */
export function renderSnapshot(
  { topics, consumers }: Snapshot,
  style: Style,
  { width, height }: { readonly width: number | undefined; readonly height: number | undefined },
): string {
  if (topics.length === 0 && consumers.length === 0) return 'No topics, no Subscriptions, no Queues.';
  const namespaces = new Set([...topics, ...consumers].map(({ namespace }) => namespace)).size > 1;
  const sorted = consumers.toSorted((a, b) => trouble(b) - trouble(a) || (b.lag ?? 0) - (a.lag ?? 0));
  const tables: string[] = [];
  if (consumers.length > 0) tables.push(renderTable(consumerColumns(style, namespaces), sorted, width));
  const hint = parkedHint(consumers.filter(({ parkedKeys }) => parkedKeys > 0));
  if (hint !== undefined) tables.push(style.dim(hint));
  if (topics.length > 0) tables.push(renderTable(topicColumns(style, namespaces), topics, width));
  const lines = tables.join('\n\n').split('\n');
  if (height === undefined || lines.length <= height) return lines.join('\n');
  return [...lines.slice(0, height - 1), style.dim(`… ${counted(lines.length - height + 1, 'more line')}`)].join('\n');
}

function trouble({ state, parkedKeys, deadLetters }: ConsumerRates): number {
  if (state === 'stopped') return 4;
  if (state === 'starting') return 3;
  return parkedKeys > 0 ? 2 : deadLetters > 0 ? 1 : 0;
}

function consumerColumns(style: Style, namespaces: boolean): Column<ConsumerRates>[] {
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: ConsumerRates) => row.namespace }] : []),
    { title: 'NAME', value: nameOf, paint: () => style.bold },
    { title: 'STATE', value: row => row.state, paint: row => statePaint(style, row.state) },
    { title: 'DONE/S', value: row => perSecond(row.deliveredPerSecond) },
    {
      title: 'FAILED/S',
      value: row => perSecond(row.failuresPerSecond),
      paint: row => ((row.failuresPerSecond ?? 0) > 0 ? style.yellow : undefined),
    },
    { title: 'IN FLIGHT', value: row => row.inFlight },
    { title: 'LAG', value: row => row.lag ?? '?' },
    { title: 'OLDEST', value: row => relativeAge(row.oldestAgeMs) },
    {
      title: 'PARKED',
      value: row => (row.parkedKeys === 0 ? '0' : `${row.parkedEvents} of ${counted(row.parkedKeys, 'key')}`),
      paint: row => (row.parkedKeys > 0 ? style.yellow : undefined),
    },
    { title: 'DEAD', value: row => row.deadLetters, paint: row => (row.deadLetters > 0 ? style.red : undefined) },
    { title: 'LAST ERROR', value: row => lastErrorWords(row, Date.now()) },
  ];
}

function topicColumns(style: Style, namespaces: boolean): Column<TopicRates>[] {
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: TopicRates) => row.namespace }] : []),
    { title: 'TOPIC', value: row => row.name, paint: () => style.bold },
    { title: 'IN/S', value: row => perSecond(row.appendedPerSecond) },
    { title: 'KEPT', value: row => (row.there ? row.events : 'not made yet') },
    { title: 'PARTITIONS', value: row => row.partitions },
  ];
}

function perSecond(rate: number | undefined): string {
  return rate === undefined ? '-' : rate >= 100 ? String(Math.round(rate)) : String(rate);
}

/** The name that commands take. */
function nameOf({ kind, name }: ConsumerRates): string {
  return kind === 'Subscription' ? name : `${kind.toLowerCase()}/${name}`;
}
