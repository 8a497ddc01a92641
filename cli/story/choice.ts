// Words of `tenfold story` for several events that it finds, or none.

import type { FoundEvent } from '../../admin/topic-view.ts';
import { counted } from '../../core/units/counted.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { type Column, oneLine } from '../output/table.ts';
import type { Style } from '../style.ts';
import { type EventFinds, type EventSearch, type FoundBy, waysOf } from './find-event.ts';

/** Characters of an id or a key in a table. */
const SHORT = 24;

interface Asked extends Pick<EventSearch, 'text' | 'topic'> {
  /** Undefined: all. */
  readonly namespace: string | undefined;
  readonly from: string | undefined;
  readonly until: string | undefined;
}

/** `from` and `until` as they were said. */
export function noneWords(
  { text, namespace, topic, from, until }: Asked,
  { looked }: Pick<EventFinds, 'looked'>,
): string {
  const ways = waysOf(text);
  const names = `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
  const within = namespace === undefined ? '' : ` of namespace "${namespace}"`;
  const where = topic === undefined ? `No Topic or Queue${within} holds an` : `The topic "${topic}" holds no`;
  const since = from === undefined ? '' : ` from ${from} on`;
  const before = until === undefined ? '' : ` before ${until}`;
  const events = looked.reduce((sum, { total }) => sum + total, 0);
  const [only, ...others] = looked;
  const what = only && others.length === 0 ? only.owner.name : `${looked.length} Topics and Queues`;
  const far = `It looked through ${counted(events, 'event')} of ${what}.`;
  return `${where} event with the ${names} "${short(text)}"${since}${before}. ${far}`;
}

/** Without what all of them have. */
export function choiceColumns(style: Style, by: FoundBy | 'place', found: readonly FoundEvent[]): Column<FoundEvent>[] {
  const isOfOne = new Set(found.map(({ owner }) => owner.namespace)).size === 1;
  const columns: Column<FoundEvent>[] = [
    ...(isOfOne ? [] : [{ title: 'NAMESPACE', value: ({ owner }: FoundEvent) => owner.namespace }]),
    { title: 'WHERE', value: ({ owner }) => whereWords(owner) },
    { title: 'POSITION', value: ({ partition, offset }) => `${partition}-${offset}`, paint: () => style.bold },
    { title: 'TIME', value: row => row.appendedAt ?? '-', paint: () => style.dim },
    { title: 'TYPE', value: row => short(row.type ?? '-') },
    { title: 'KEY', value: row => short(row.key ?? '-') },
    { title: 'ID', value: row => short(row.id ?? '-') },
    { title: 'SOURCE', value: row => short(row.source ?? '-') },
  ];
  return columns.filter(({ title }) => title !== by.toUpperCase());
}

export function commandFor({ owner, job, partition, offset }: FoundEvent): string {
  const namespace = inNamespace(owner.namespace);
  if (owner.kind === 'Topic') return `tenfold story ${partition}-${offset} --topic ${owner.name}${namespace}`;
  return `tenfold story ${job ?? '-'}${namespace}`;
}

/** The namespace that most have is not said. */
export function ofNamespace({ namespace }: { readonly namespace: string }): string {
  return namespace === 'default' ? '' : ` of namespace ${namespace}`;
}

function whereWords({ kind, name }: FoundEvent['owner']): string {
  return kind === 'Topic' ? name : `${kind.toLowerCase()}/${name}`;
}

/** Ids and keys may be of any length. */
export function short(text: string): string {
  const line = oneLine(text);
  return line.length > SHORT ? `${line.slice(0, SHORT - 1)}…` : line;
}
