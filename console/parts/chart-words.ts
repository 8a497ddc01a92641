// The words of a chart: times at its axis and under the pointer, and what it says to those who do
// not see it.
import { counted } from '../../core/units/counted.ts';

const DAY_MS = 86_400_000;

export interface ChartLine {
  readonly name: string;
  /** One for each time. Null where it is not known. */
  readonly values: readonly (number | null)[];
  readonly href?: string;
  readonly isBad?: true;
}

/** `step`: milliseconds from one mark of the axis to the next. */
export function axisTime(at: number, step: number, isUtc: boolean): string {
  const text = isoOf(at, isUtc);
  if (step >= 360 * DAY_MS) return text.slice(0, 4);
  if (step >= 28 * DAY_MS) return text.slice(0, 7);
  if (step >= DAY_MS) return text.slice(0, 10);
  if (step >= 60_000) return text.slice(11, 16) === '00:00' ? text.slice(5, 10) : text.slice(11, 16);
  return text.slice(11, step >= 1_000 ? 19 : 23);
}

/** `2026-11-24T07:00Z` in UTC, `08:00:05` by the clock of the page. */
export function timeWords(at: number, isUtc: boolean): string {
  const text = isoOf(at, isUtc);
  return isUtc ? text.replace(/(:00)?\.\d+Z$/, 'Z') : text.slice(11, 19);
}

export interface LineRange {
  /** The last value that is known. */
  readonly newest: number;
  readonly low: number;
  readonly high: number;
}

/** Undefined where no value is known. */
export function rangeOf({ values }: ChartLine): LineRange | undefined {
  const newest = values.findLast(value => value !== null);
  if (newest === undefined || newest === null) return undefined;
  let [low, high] = [newest, newest];
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { newest, low, high };
}

/** For those who do not see the chart. */
export function chartWords(
  title: string,
  times: readonly number[],
  lines: readonly ChartLine[],
  words: (value: number) => string,
  isUtc: boolean,
): string {
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 0].map(at => timeWords(at, isUtc));
  const said = lines.map(line => {
    const range = rangeOf(line);
    if (range === undefined) return `${line.name}: not known`;
    return `${line.name}: newest ${words(range.newest)}, between ${words(range.low)} and ${words(range.high)}`;
  });
  return [`${title}: ${counted(times.length, 'point')} from ${from} to ${to}`, ...said].join('. ');
}

function isoOf(at: number, isUtc: boolean): string {
  return new Date(isUtc ? at : at - new Date(at).getTimezoneOffset() * 60_000).toISOString();
}
