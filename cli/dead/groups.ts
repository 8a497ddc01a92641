// `tenfold dead groups`: dead letters of one consumer by their cause, and the command that sends a
// whole group back.
import type { DeadLetterGroup } from '../../admin/commands/dead-letter-view.ts';
import { counted } from '../../core/units/counted.ts';
import { CommandError } from '../command-error.ts';
import { findLetterOwner } from '../events/find-letter-owner.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { printList } from '../output/print-list.ts';
import type { Column } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { consumerNameOf, type DeadLetterListRequest, printLeftOut, printTextHint } from './list.ts';

export async function listGroups(
  { consumer, ids, query, limit, format }: DeadLetterListRequest,
  client: Pick<AdminClient, 'consumers' | 'deadLetterGroups'>,
  terminal: Terminal,
): Promise<void> {
  if (ids.length > 0 || consumer.name === undefined) {
    throw new CommandError('usage', 'Groups are those of one Subscription or Queue.', {
      hint: 'name it: "tenfold dead groups NAME"; "tenfold dead list" shows which have dead letters.',
    });
  }
  const found = await findLetterOwner(consumer, client);
  const { kind, namespace, name } = found;
  const page = await client.deadLetterGroups({ kind, namespace, name, ...query, limit: String(limit) });
  const { items, more, later = 0, omitted = 0 } = page;
  printList(
    {
      items,
      format,
      none: 'No dead letters.',
      more: { ...(more && { more }), ...(later > 0 && { later }), ...(omitted > 0 && { omitted }) },
      nameOf: ({ id }) => id,
      columns: wide => groupColumns(terminal.out, wide),
    },
    terminal,
  );
  if (more !== undefined)
    terminal.say(
      `There ${more.groups === 1 ? 'is' : 'are'} ${counted(more.groups, 'more group')} with ${counted(more.letters, 'dead letter')}; see further with --limit.`,
    );
  printLeftOut({ later, omitted }, terminal);
  if (items.length === 0) printTextHint(query, terminal);
  const [first] = items;
  if (first !== undefined && format === 'table')
    terminal.say(
      `Repair the cause, then: tenfold dead redrive ${consumerNameOf(found)} --group ${first.id}${inNamespace(namespace)}`,
    );
}

function groupColumns(style: Style, wide: boolean): Column<DeadLetterGroup>[] {
  const now = Date.now();
  return [
    { title: 'GROUP', value: row => row.id, paint: () => style.bold },
    { title: 'COUNT', value: row => row.count },
    { title: 'FIRST', value: row => (wide ? row.first : ageOf(row.first, now)) },
    { title: 'LAST', value: row => (wide ? row.last : ageOf(row.last, now)) },
    { title: 'SAMPLE', value: row => row.sample?.id ?? '-' },
    { title: 'CAUSE', value: row => row.cause },
  ];
}
