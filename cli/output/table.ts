// Lays rows out in columns as kubectl does, and keeps foreign text from steering the terminal.
import { stripVTControlCharacters } from 'node:util';
import type { Paint } from '../style.ts';

const GAP = '   ';

export interface Column<T> {
  readonly title: string;
  value(row: T): string | number;
  /** Chosen by value, so that states can have colours. */
  paint?(row: T): Paint | undefined;
}

/** A longer text of the last column that has less room stands below its row. */
const LEAST_LAST = 20;
const INDENT = '    ';

/**
 * `width` cuts the last column at the width of the window; undefined leaves everything whole. Where
 * the other columns leave next to no room, a text stands on a line of its own.
 */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[], width?: number): string {
  const cells = rows.map(row => columns.map(column => oneLine(String(column.value(row)))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map(row => row[index]?.length ?? 0)),
  );
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + GAP.length, 0);
  const lastWidth = width === undefined ? Number.POSITIVE_INFINITY : Math.max(width - before, 10);
  const isBelow = (text: string) => columns.length > 1 && lastWidth < LEAST_LAST && text.length > lastWidth;
  const belowWidth = (width ?? Number.POSITIVE_INFINITY) - INDENT.length;

  const lay = (texts: readonly string[], paintOf: (index: number) => Paint | undefined) =>
    texts
      .map((text, index) => {
        const last = index === texts.length - 1;
        const below = last && isBelow(text);
        const shown = below ? cut(text, belowWidth) : last ? cut(text, lastWidth) : text;
        if (below) return `\n${INDENT}${paintOf(index)?.(shown) ?? shown}`;
        const padding = last ? '' : ' '.repeat((widths[index] ?? 0) - text.length);
        return (paintOf(index)?.(shown) ?? shown) + padding;
      })
      .join(GAP)
      .replace(/ +\n/, '\n')
      .trimEnd();

  const head = lay(
    columns.map(column => column.title),
    () => undefined,
  );
  const lines = rows.map((row, number) => lay(cells[number] ?? [], index => columns[index]?.paint?.(row)));
  return [head, ...lines].join('\n');
}

/** They move a cursor, or turn the direction in which others are written. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** The text on one line and without such characters. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(UNSAFE, ' ');
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
