// Reads figures from the pages of bench/results/: what a model is fed with was
// measured, never typed in.
import { existsSync, readFileSync } from 'node:fs';

const results = new URL('../../results/', import.meta.url);

/**
 * The number in the row that begins with `row`, under `column`, of the first table of the page that
 * has both. Throws where there is none.
 */
export function figure(page: string, row: string, column: string): number {
  const lines = textOf(page).split('\n');
  let head: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('|')) continue;
    const cells = cellsOf(line);
    if (!lines[index - 1]?.startsWith('|')) head = cells;
    const at = head.indexOf(column);
    if (at === -1 || cells[0] !== row) continue;
    const number = Number((cells[at] ?? '').replaceAll(',', ''));
    if (Number.isFinite(number) && cells[at] !== '') return number;
  }
  throw new Error(`bench/results/${page}.md has no figure for '${row}' under '${column}': run its bench again`);
}

/** When it was measured, and how busy the machine was where the page says so. */
export function origin(page: string): { readonly date: string; readonly load: number | undefined } {
  const text = textOf(page);
  const load = /Load of the machine at the end: ([\d.]+)|The load average was (\d+)/.exec(text);
  return {
    date: /^\d{4}-\d\d-\d\d/m.exec(text)?.[0] ?? '',
    load: load ? Number(load[1] ?? load[2]) : undefined,
  };
}

function textOf(page: string): string {
  const file = new URL(`${page}.md`, results);
  if (!existsSync(file)) throw new Error(`There is no bench/results/${page}.md: run ${page}.ts of bench/`);
  return readFileSync(file, 'utf8');
}

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim());
