// Which tables can be asked, and their columns.
import type { SqlTableReport } from '../../admin/sql-view.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

export function printTables(tables: readonly SqlTableReport[], format: 'table' | 'json' | 'csv', terminal: Terminal) {
  if (format !== 'table') return terminal.print(JSON.stringify(tables, null, 2));
  if (tables.length === 0) {
    return terminal.say(
      'There is nothing to ask: no pipeline has an archive or a window, and there is no View with rows. docs/guides/sql.md shows how.',
    );
  }
  const columns = [
    { title: 'TABLE', value: ({ name }: SqlTableReport) => name, paint: () => terminal.out.bold },
    { title: 'NAMESPACE', value: ({ namespace }: SqlTableReport) => namespace },
    {
      title: 'OF',
      value: ({ kind, pipeline, view }: SqlTableReport) => (view ? `View ${view}` : `${kind} of ${pipeline}`),
    },
    { title: 'FILES', value: ({ files }: SqlTableReport) => files ?? '-' },
    { title: 'MIB', value: ({ bytes }: SqlTableReport) => (bytes === undefined ? '-' : (bytes / 2 ** 20).toFixed(1)) },
    { title: 'COLUMNS', value: (table: SqlTableReport) => table.columns.map(({ name }) => name).join(', ') },
  ];
  terminal.print(renderTable(columns, tables, terminal.columns));
}
