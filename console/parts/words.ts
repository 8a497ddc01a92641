// How times, names and causes are written.
import type { Cause } from '../../core/cause.ts';

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** `42 s`, `3 min`, `2 h 5 min`. */
export function spanWords(ms: number): string {
  const whole = Math.max(0, ms);
  const index = UNITS.findIndex(([unit]) => whole >= unit);
  if (index === -1) return '0 s';
  const [unit, word] = UNITS[index] ?? [1_000, 's'];
  const count = Math.floor(whole / unit);
  const [smaller, smallerWord] = UNITS[index + 1] ?? [undefined, ''];
  const rest = smaller === undefined ? 0 : Math.floor((whole - count * unit) / smaller);
  const isExact = word !== 'min' && rest > 0 && count < 10;
  return isExact ? `${count} ${word} ${rest} ${smallerWord}` : `${count} ${word}`;
}

/** The first line of what went wrong, and the place in the source where it is known. */
export function causeWords(failed: { readonly error?: string; readonly cause?: Cause }): string {
  const { cause, error = '' } = failed;
  if (cause === undefined) return error;
  return `${cause.name}: ${cause.message}${cause.at === undefined ? '' : ` (${cause.at})`}`;
}

/** `Subscription barista`, with the namespace where it is not the usual one. */
export function namedWords(named: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${named.kind} ${named.name}${named.namespace === 'default' ? '' : ` in ${named.namespace}`}`;
}

const grouped = new Intl.NumberFormat('en');

export function numberWords(count: number): string {
  return grouped.format(count);
}

/** `12/s`, `0.4/s`; undefined where nothing was measured. */
export function rateWords(perSecond: number): string;
export function rateWords(perSecond: number | undefined): string | undefined;
export function rateWords(perSecond: number | undefined): string | undefined {
  if (perSecond === undefined) return undefined;
  if (perSecond === 0) return '0/s';
  if (perSecond < 0.01) return '<0.01/s';
  const digits = perSecond >= 100 ? 0 : perSecond >= 10 ? 1 : 2;
  return `${numberWords(Number(perSecond.toFixed(digits)))}/s`;
}

/** `1,200 · 3/s`: a count since the start, and how fast it grows where that is known. */
export function countWithRate(count: number, perSecond: number | undefined): string {
  const rate = rateWords(perSecond);
  return rate === undefined ? numberWords(count) : `${numberWords(count)} · ${rate}`;
}

/** `8.4 ms`, `120 ms`, `1.25 s`. */
export function msWords(ms: number): string {
  if (ms >= 999.5) return `${Number((ms / 1_000).toFixed(2))} s`;
  return `${ms >= 10 ? Math.round(ms) : Number(ms.toFixed(1))} ms`;
}
