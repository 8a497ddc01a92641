// Finds what a chart can show in an answer: one column of times, and those of numbers.
import type { SqlColumnReport } from '../../../admin/sql-view.ts';
import type { ChartLine } from '../../parts/chart-words.ts';
import type { Row } from './export-rows.ts';

export interface Series {
  /** The name of the column. */
  readonly time: string;
  /** Milliseconds since 1970, in their order. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Rows without a time or any number. */
  readonly left: number;
}

const TIME = /^(TIMESTAMP|DATE)/;
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/;

/** Undefined without numbers, with two columns of times, or with fewer than two points. */
export function seriesOf(columns: readonly SqlColumnReport[], rows: readonly Row[]): Series | undefined {
  const [times, numbers] = [indexes(columns, TIME), indexes(columns, NUMBER)];
  const time = times[0];
  if (time === undefined || times.length > 1 || numbers.length === 0) return undefined;
  const points = rows
    .map(row => ({ at: timeOf(row[time]), values: numbers.map(index => numberOf(row[index])) }))
    .filter(({ at, values }) => Number.isFinite(at) && values.some(value => value !== null))
    .toSorted((one, other) => one.at - other.at);
  if (points.length < 2) return undefined;
  return {
    time: columns[time]?.name ?? '',
    times: points.map(({ at }) => at),
    lines: numbers.map((column, index) => ({
      name: columns[column]?.name ?? '',
      values: points.map(({ values }) => values[index] ?? null),
    })),
    left: rows.length - points.length,
  };
}

function numberOf(value: unknown): number | null {
  const number = value === null ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Times without a zone are UTC, as archives have them. */
function timeOf(value: unknown): number {
  const [, day, clock = '00:00:00', zone = '+00'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(String(value)) ?? [];
  if (day === undefined) return Number.NaN;
  return Date.parse(`${day}T${clock}${zone.length === 3 ? `${zone}:00` : zone}`);
}

function indexes(columns: readonly SqlColumnReport[], type: RegExp): readonly number[] {
  return columns.flatMap((column, index) => (type.test(column.type) ? [index] : []));
}
