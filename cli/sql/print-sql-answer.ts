// Prints the rows of an answer as they come: a table of those that are
// there, JSON, or CSV (RFC 4180).
import type { FailedLine } from '../../admin/api.ts';
import type { SqlAnswer, SqlColumnReport } from '../../admin/sql-view.ts';
import { counted } from '../../core/units/counted.ts';
import { createProgress } from '../output/progress.ts';
import { renderJson } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import { brokenOff, toLineError } from '../platform/failed-line.ts';
import type { Terminal } from '../terminal.ts';

export type SqlFormat = 'table' | 'json' | 'csv';
type Row = readonly unknown[];

interface Printer {
  columns(columns: readonly SqlColumnReport[]): void | Promise<void>;
  rows(rows: readonly Row[]): void | Promise<void>;
  end(): void | Promise<void>;
}

export async function printSqlAnswer(
  lines: AsyncIterable<SqlAnswer | FailedLine>,
  format: SqlFormat,
  terminal: Terminal,
): Promise<void> {
  const reading = createProgress('MiB read', terminal);
  const asking = createProgress('% asked', terminal);
  const printer = printerOf(format, terminal);
  const quiet = () => {
    reading.end();
    asking.end();
  };
  let done = false;
  try {
    for await (const line of lines) {
      if (line.kind === 'reading') reading.update(toMebibytes(line.bytes), toMebibytes(line.of));
      else if (line.kind === 'progress') asking.update(line.percent, 100);
      else quiet();
      if (line.kind === 'columns') await printer.columns(line.columns);
      else if (line.kind === 'rows') await printer.rows(line.rows);
      else if (line.kind === 'note') terminal.say(`${terminal.err.yellow('note:')} ${line.message}`);
      else if (line.kind === 'failed') throw toLineError(line);
      else if (line.kind === 'done') {
        await printer.end();
        terminal.say(summaryOf(line));
        done = true;
      }
    }
    if (!done) throw brokenOff('there are more rows');
  } finally {
    quiet();
  }
}

function printerOf(format: SqlFormat, terminal: Terminal): Printer {
  return format === 'table' ? tablePrinter(terminal) : format === 'json' ? jsonPrinter(terminal) : csvPrinter(terminal);
}

/** Widths are known only when all is there. */
function tablePrinter(terminal: Terminal): Printer {
  let titles: readonly string[] = [];
  const all: Row[] = [];
  return {
    columns(columns) {
      titles = columns.map(({ name }) => name);
    },
    rows(rows) {
      all.push(...rows);
    },
    end() {
      const columns = titles.map((title, index) => ({ title, value: (row: Row) => toText(row[index]) }));
      terminal.print(renderTable(columns, all, terminal.columns));
    },
  };
}

function jsonPrinter(terminal: Terminal): Printer {
  let names: readonly string[] = [];
  let first = true;
  return {
    columns(columns) {
      names = columns.map(({ name }) => name);
    },
    async rows(rows) {
      for (const row of rows) {
        const members = names.map((name, index) => [name, row[index] ?? null] as const);
        await terminal.write(`${first ? '[\n' : ',\n'}  ${renderJson(Object.fromEntries(members))}`);
        first = false;
      }
    },
    end: () => terminal.write(first ? '[]\n' : '\n]\n'),
  };
}

function csvPrinter(terminal: Terminal): Printer {
  return {
    columns: columns => terminal.write(toCsv(columns.map(({ name }) => name))),
    async rows(rows) {
      for (const row of rows) await terminal.write(toCsv(row.map(value => (value === null ? '' : toText(value)))));
    },
    end() {},
  };
}

function toCsv(cells: readonly string[]): string {
  return `${cells.map(cell => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function summaryOf({ rows, truncated, tookMs }: Extract<SqlAnswer, { kind: 'done' }>): string {
  const count = `${counted(rows, 'row')} in ${(tookMs / 1000).toFixed(2)} s`;
  if (truncated === undefined) return `${count}.`;
  return `${count}; there are more: ask for more with --rows.`;
}

function toMebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
