// Prints a list in the format that was asked for: a table for people, names and data for programs.
import type { Terminal } from '../terminal.ts';
import { renderData } from './render.ts';
import { type Column, renderTable } from './table.ts';

export type ListFormat = 'table' | 'wide' | 'name' | 'json' | 'yaml';

export interface Listing<Row> {
  readonly items: readonly Row[];
  readonly format: ListFormat;
  /** Said where there are none, such as `No jobs.` */
  readonly none: string;
  /** Members of the JSON and YAML beside the items. */
  readonly more?: object;
  /** The name that other commands take. */
  nameOf(row: Row): string;
  /** Columns of the table; `wide`: all of them. */
  columns(wide: boolean): Column<Row>[];
}

export function printList<Row>(
  { items, format, none, more, nameOf, columns }: Listing<Row>,
  terminal: Pick<Terminal, 'print' | 'say' | 'columns'>,
): void {
  const wide = format === 'wide';
  if (format === 'json' || format === 'yaml') terminal.print(renderData({ items, ...more }, format));
  else if (items.length === 0) terminal.say(none);
  else if (format === 'name') terminal.print(items.map(nameOf).join('\n'));
  else terminal.print(renderTable(columns(wide), items, wide ? undefined : terminal.columns));
}
