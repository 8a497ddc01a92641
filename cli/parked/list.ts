// `tenfold parked list`: the keys that wait for another attempt, each with the event at its head.
import type { ParkedEvent, ParkedKey, UnreadPartition } from '../../admin/parked-view.ts';
import { CommandError } from '../command-error.ts';
import { consumerNameOf } from '../dead/list.ts';
import { causeWords } from '../events/cause-words.ts';
import type { ConsumerRequest } from '../events/find-consumer.ts';
import { findLetterOwner } from '../events/find-letter-owner.ts';
import { exitCodes } from '../exit-codes.ts';
import { collectPages } from '../output/collect-pages.ts';
import { type ListFormat, printList } from '../output/print-list.ts';
import { type Column, oneLine } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { ParkedSelection } from '../platform/event-client.ts';
import { ageOf, relativeAge } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface ParkedListRequest {
  readonly consumer: ConsumerRequest;
  readonly ids: readonly string[];
  readonly query: ParkedSelection;
  readonly limit: number;
  readonly format: ListFormat;
}

export async function listParked(
  { consumer, ids, query, limit, format }: ParkedListRequest,
  client: Pick<AdminClient, 'consumers' | 'parked'>,
  terminal: Terminal,
): Promise<void> {
  if (ids.length > 0) {
    throw new CommandError('usage', '"list" takes no ids.', { hint: 'read one with "tenfold parked show".' });
  }
  const named = consumer.name === undefined ? undefined : await findLetterOwner(consumer, client);
  const which = named
    ? { kind: named.kind, namespace: named.namespace, name: named.name }
    : { namespace: consumer.namespace };
  const unread: UnreadPartition[] = [];
  const { items, more } = await collectPages(limit, async wanted => {
    const page = await client.parked({ ...which, ...query, ...wanted });
    unread.push(...(page.unread ?? []));
    return page;
  });
  printList(
    {
      items,
      format,
      none: 'No parked keys.',
      ...(unread.length === 0 ? {} : { more: { unread } }),
      nameOf: ({ consumer, id }) => `${consumerNameOf(consumer)} ${id}`,
      columns: wide => keyColumns(terminal.out, items, { wide, one: named !== undefined }),
    },
    terminal,
  );
  if (more) terminal.say('There are more; see further with --limit, or narrow it down with --key, --reason or --text.');
  printUnread(unread, terminal);
}

export function printUnread(unread: readonly UnreadPartition[], terminal: Terminal): void {
  if (unread.length === 0) return;
  terminal.exitCode = exitCodes.refused.code;
  for (const { consumer, partition, message } of unread) {
    const text = `Partition ${partition} of ${consumerNameOf(consumer)} is not listed: ${message}`;
    terminal.say(terminal.err.yellow(oneLine(text)));
  }
}

function keyColumns(
  style: Style,
  all: readonly ParkedKey[],
  { wide, one }: { readonly wide: boolean; readonly one: boolean },
): Column<ParkedKey>[] {
  const now = Date.now();
  const namespaces = new Set(all.map(({ consumer }) => consumer.namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: ParkedKey) => row.consumer.namespace }] : []),
    ...(one ? [] : [{ title: 'OF', value: (row: ParkedKey) => consumerNameOf(row.consumer) }]),
    { title: 'ID', value: row => row.id, paint: () => style.bold },
    { title: 'KEY', value: row => row.key ?? '-' },
    { title: 'EVENTS', value: row => row.events },
    ...eventColumns<ParkedKey>(style, { wide, now }),
  ];
}

/** The columns of an event, in the list of keys and in that of the events of one key. */
export function eventColumns<E extends ParkedEvent>(
  style: Style,
  { wide, now }: { readonly wide: boolean; readonly now: number },
): Column<E>[] {
  return [
    { title: 'STATE', value: row => row.state, paint: row => (row.state === 'held' ? style.red : style.yellow) },
    { title: 'ATTEMPTS', value: row => row.attempts },
    { title: 'AGE', value: row => ageOf(row.since, now) },
    { title: 'NEXT', value: row => nextWords(row, now) },
    { title: 'REASON', value: row => row.reason ?? '-' },
    ...(wide
      ? [
          { title: 'TYPE', value: (row: E) => row.eventType ?? '-' },
          { title: 'EVENT', value: (row: E) => row.eventId ?? '-' },
        ]
      : []),
    { title: 'ERROR', value: causeWords },
  ];
}

/** `in 30s`; `due` when only its turn is missing; `-` where a person must decide. */
export function nextWords({ nextAttemptAt }: Pick<ParkedEvent, 'nextAttemptAt'>, now: number): string {
  if (nextAttemptAt === undefined) return '-';
  const ms = Date.parse(nextAttemptAt) - now;
  return ms <= 0 ? 'due' : `in ${relativeAge(Math.max(1000, ms))}`;
}
