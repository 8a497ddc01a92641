// A table of rows. On a phone each row is a block, and each value has its title beside it.
import type { ComponentChildren } from 'preact';

export interface Column<T> {
  readonly title: string;
  /** In place of the title, where that is more than a word. */
  readonly head?: ComponentChildren;
  readonly sorted?: 'ascending' | 'descending' | undefined;
  /** `once`: on one line. `wide`: takes what room there is. */
  readonly look?: 'number' | 'once' | 'wide' | 'name';
  readonly cell: (row: T) => ComponentChildren;
}

export function Table<T>(props: {
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}) {
  const { columns, rows, keyOf } = props;
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            {columns.map(({ title, head, look, sorted }) => (
              <th key={title} class={look === 'number' ? 'number' : undefined} aria-sort={sorted}>
                {head ?? title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, look, cell }) => (
                <td key={title} class={look} data-title={title}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
