// `tenfold views list` and `show`: the freshness of Views, and their new generations.
import type { ViewReport } from '../../admin/event-view.ts';
import { CommandError } from '../command-error.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface ViewsRequest {
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly format: ListFormat;
}

export async function listViews(
  { name, namespace, format, one }: ViewsRequest & { readonly one: boolean },
  client: Pick<AdminClient, 'views' | 'view'>,
  terminal: Terminal,
): Promise<void> {
  if (one) return showViews([await client.view(namespace ?? 'default', nameOfView(name))], { format, one }, terminal);
  const { items } = await client.views({ namespace, name });
  if (items.length === 0 && format !== 'json' && format !== 'yaml') return terminal.say('No Views.');
  showViews(items, { format, one }, terminal);
}

export function nameOfView(name: string | undefined): string {
  if (name === undefined) throw new CommandError('usage', 'It is not said which View.', { hint: 'add its name.' });
  return name.replace(/^views?\//i, '');
}

export function showViews(
  items: readonly ViewReport[],
  { format, one }: { readonly format: ViewsRequest['format']; readonly one: boolean },
  terminal: Terminal,
): void {
  const [first] = items;
  const wide = format === 'wide' || one;
  if (format === 'json' || format === 'yaml') terminal.print(renderData(one && first ? first : { items }, format));
  else if (format === 'name') terminal.print(items.map(({ name }) => name).join('\n'));
  else terminal.print(renderTable(columnsOf(terminal.out, items, wide), items, wide ? undefined : terminal.columns));
}

function columnsOf(style: Style, items: readonly ViewReport[], wide: boolean): Column<ViewReport>[] {
  const namespaces = new Set(items.map(each => each.namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: ViewReport) => row.namespace }] : []),
    { title: 'NAME', value: row => row.name, paint: () => style.bold },
    { title: 'STATE', value: row => row.state, paint: row => (row.state === 'running' ? undefined : style.yellow) },
    { title: 'BEHIND', value: row => row.behind ?? '-' },
    { title: 'AS OF', value: row => row.asOf ?? '-' },
    { title: 'FOLDED', value: row => row.folded },
    {
      title: 'SET ASIDE',
      value: row => row.deadLetters,
      paint: row => (row.deadLetters > 0 ? style.red : undefined),
    },
    { title: 'BUILDING', value: row => (row.building ? `${row.building.behind} to go` : '-') },
    ...(wide
      ? [
          { title: 'REPEATED', value: (row: ViewReport) => row.repeated },
          { title: 'LOST', value: (row: ViewReport) => row.jumped },
          { title: 'GENERATION', value: (row: ViewReport) => row.generation ?? '-' },
        ]
      : []),
    { title: 'MESSAGE', value: row => row.lastError ?? '' },
  ];
}
