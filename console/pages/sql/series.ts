// Finds what a chart can show in an answer: one column of times and one of numbers.
import type { SqlColumnReport } from '../../../admin/sql-view.ts';
import type { Row } from './export-rows.ts';

export interface Series {
  readonly time: string;
  readonly number: string;
  /** Milliseconds since 1970 and the value, in the order of time. */
  readonly points: readonly (readonly [at: number, value: number])[];
  /** Rows without a time or a number. */
  readonly left: number;
}

const TIME = /^(TIMESTAMP|DATE)/;
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/;

/** Undefined where there are more columns of a sort than one, or fewer than two points. */
export function seriesOf(columns: readonly SqlColumnReport[], rows: readonly Row[]): Series | undefined {
  const [times, numbers] = [indexes(columns, TIME), indexes(columns, NUMBER)];
  const [time, number] = [times[0], numbers[0]];
  if (time === undefined || number === undefined || times.length > 1 || numbers.length > 1) return undefined;
  const points = rows.flatMap(row => {
    const [at, value] = [timeOf(row[time]), row[number] === null ? Number.NaN : Number(row[number])];
    return Number.isFinite(at) && Number.isFinite(value) ? [[at, value] as const] : [];
  });
  if (points.length < 2) return undefined;
  return {
    time: columns[time]?.name ?? '',
    number: columns[number]?.name ?? '',
    points: points.toSorted(([one], [other]) => one - other),
    left: rows.length - points.length,
  };
}

/** Times without a zone are UTC, as archives have them. */
function timeOf(value: unknown): number {
  const [, day, clock = '00:00:00', zone = '+00'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(String(value)) ?? [];
  if (day === undefined) return Number.NaN;
  return Date.parse(`${day}T${clock}${zone.length === 3 ? `${zone}:00` : zone}`);
}

/** At most four points for each part of the width: its first, lowest, highest and last. */
export function thinned(points: Series['points'], parts: number): Series['points'] {
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  if (points.length <= parts * 4 || last === first) return points;
  const groups = Map.groupBy(points, ([at]) => Math.floor(((at - first) / (last - first)) * parts));
  return [...groups.values()].flatMap(group => {
    const sorted = group.toSorted(([, one], [, other]) => one - other);
    const kept = new Set([group[0], sorted[0], sorted.at(-1), group.at(-1)]);
    return group.filter(point => kept.has(point));
  });
}

function indexes(columns: readonly SqlColumnReport[], type: RegExp): readonly number[] {
  return columns.flatMap((column, index) => (type.test(column.type) ? [index] : []));
}
