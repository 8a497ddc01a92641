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

/** `width` cuts the last column at the width of the window; undefined leaves everything whole. */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[], width?: number): string {
  const cells = rows.map(row => columns.map(column => oneLine(String(column.value(row)))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map(row => row[index]?.length ?? 0)),
  );
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + GAP.length, 0);
  const lastWidth = width === undefined ? Number.POSITIVE_INFINITY : Math.max(width - before, 10);

  const lay = (texts: readonly string[], paintOf: (index: number) => Paint | undefined) =>
    texts
      .map((text, index) => {
        const last = index === texts.length - 1;
        const shown = last ? cut(text, lastWidth) : text;
        const padding = last ? '' : ' '.repeat((widths[index] ?? 0) - text.length);
        return (paintOf(index)?.(shown) ?? shown) + padding;
      })
      .join(GAP)
      .trimEnd();

  const head = lay(
    columns.map(column => column.title),
    () => undefined,
  );
  const lines = rows.map((row, number) => lay(cells[number] ?? [], index => columns[index]?.paint?.(row)));
  return [head, ...lines].join('\n');
}

/** The text on one line and without control characters. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
