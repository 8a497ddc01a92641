// `tenfold dead list`: the dead letters that a query finds.

import type { DeadLetterSummary } from '../../admin/commands/dead-letter-view.ts';
import type { ConsumerName } from '../../admin/consumer-name.ts';
import { CommandError } from '../command-error.ts';
import { causeWords } from '../events/cause-words.ts';
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
  let omitted = 0;
  const { items, more } = await collectPages(limit, async wanted => {
    const page = await client.deadLetters({ ...which, ...query, ...wanted });
    later += page.later ?? 0;
    omitted += page.omitted ?? 0;
    return page;
  });
  printList(
    {
      items,
      format,
      none: 'No dead letters.',
      more: { ...(later > 0 && { later }), ...(omitted > 0 && { omitted }) },
      nameOf: ({ consumer, id }) => `${consumerNameOf(consumer)} ${id}`,
      columns: wide => letterColumns(terminal.out, items, { wide, one: named !== undefined }),
    },
    terminal,
  );
  if (more) terminal.say(`There are more; see further with --limit, or narrow it down with --key or --reason.`);
  printLeftOut({ later, omitted }, terminal);
  if (items.length === 0) printTextHint(query, terminal);
}

/** Said where nothing was found: people search for what a message says, and its cause is masked. */
export function printTextHint({ text }: Pick<LetterQuery, 'text'>, terminal: Terminal): void {
  if (text === undefined) return;
  terminal.say(
    '--text is compared with the cause as "tenfold dead groups" shows it: numbers, ids and quoted text are #.',
  );
}

/** Says which dead letters neither a list nor a command has reached. */
export function printLeftOut(
  { later = 0, omitted = 0 }: { readonly later?: number; readonly omitted?: number },
  terminal: Terminal,
): void {
  const were = later === 1 ? '1 more was' : `${later} more were`;
  const text = `${were} written by a later release: kept, and not to be seen or moved from here. Finish the upgrade.`;
  if (later > 0) terminal.say(terminal.err.yellow(text));
  const older = omitted === 1 ? '1 older one is' : `${omitted} older ones are`;
  const room = `${older} kept beyond what a list holds: redrive or purge some of these, then ask again.`;
  if (omitted > 0) terminal.say(terminal.err.yellow(room));
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
    { title: 'ERROR', value: causeWords },
  ];
}
