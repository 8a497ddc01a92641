// `tenfold dead list`: the dead letters that a query finds.
import type { ConsumerName, DeadLetterSummary } from '../../admin/event-view.ts';
import { CommandError } from '../command-error.ts';
import type { ConsumerRequest } from '../events/find-consumer.ts';
import { findLetterOwner } from '../events/find-letter-owner.ts';
import { collectPages } from '../output/collect-pages.ts';
import { type ListFormat, printList } from '../output/print-list.ts';
import type { Column } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { LetterQuery } from '../platform/event-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface DeadLetterListRequest {
  readonly consumer: ConsumerRequest;
  readonly ids: readonly string[];
  readonly query: LetterQuery;
  readonly limit: number;
  readonly format: ListFormat;
}

export async function listLetters(
  { consumer, ids, query, limit, format }: DeadLetterListRequest,
  client: Pick<AdminClient, 'consumers' | 'deadLetters'>,
  terminal: Terminal,
): Promise<void> {
  if (ids.length > 0) {
    throw new CommandError('usage', '"list" takes no ids.', { hint: 'read one with "tenfold dead show".' });
  }
  const named = consumer.name === undefined ? undefined : await findLetterOwner(consumer, client);
  const which = named
    ? { kind: named.kind, namespace: named.namespace, name: named.name }
    : { namespace: consumer.namespace };
  let later = 0;
  const { items, more } = await collectPages(limit, async wanted => {
    const page = await client.deadLetters({ ...which, ...query, ...wanted });
    later += page.later ?? 0;
    return page;
  });
  printList(
    {
      items,
      format,
      none: 'No dead letters.',
      ...(later === 0 ? {} : { more: { later } }),
      nameOf: ({ consumer, id }) => `${consumerNameOf(consumer)} ${id}`,
      columns: wide => letterColumns(terminal.out, items, { wide, one: named !== undefined }),
    },
    terminal,
  );
  if (more) terminal.say(`There are more; see further with --limit, or narrow it down with --key or --reason.`);
  if (later > 0) printLater(later, terminal);
}

/** `count`: of the dead letters of a later release. */
export function printLater(count: number, terminal: Terminal): void {
  const were = count === 1 ? '1 more was' : `${count} more were`;
  const text = `${were} written by a later release: kept, and not to be seen or moved from here. Finish the upgrade.`;
  terminal.say(terminal.err.yellow(text));
}

export function consumerNameOf({ kind, name }: ConsumerName): string {
  return `${kind.toLowerCase()}/${name}`;
}

function letterColumns(
  style: Style,
  all: readonly DeadLetterSummary[],
  { wide, one }: { readonly wide: boolean; readonly one: boolean },
): Column<DeadLetterSummary>[] {
  const now = Date.now();
  const namespaces = new Set(all.map(({ consumer }) => consumer.namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: DeadLetterSummary) => row.consumer.namespace }] : []),
    ...(one ? [] : [{ title: 'OF', value: (row: DeadLetterSummary) => consumerNameOf(row.consumer) }]),
    { title: 'ID', value: row => row.id, paint: () => style.bold },
    { title: 'AGE', value: row => ageOf(row.at, now) },
    { title: 'KEY', value: row => row.key ?? '-' },
    { title: 'TYPE', value: row => row.eventType ?? '-' },
    {
      title: 'REASON',
      value: row => (row.held ? `${row.reason}, held` : row.reason),
      paint: row => (row.held ? style.red : style.yellow),
    },
    { title: 'ATTEMPTS', value: row => row.attempts },
    ...(wide
      ? [
          { title: 'REDRIVEN', value: (row: DeadLetterSummary) => row.redriven },
          { title: 'EVENT', value: (row: DeadLetterSummary) => row.eventId ?? '-' },
        ]
      : []),
    { title: 'ERROR', value: row => (row.status === undefined ? row.error : `${row.status} ${row.error}`) },
  ];
}
