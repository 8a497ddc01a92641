// Which traces are exported whatever becomes of them: a share that all processes agree on, as it is
// read from the trace id (OpenTelemetry, consistent probability sampling).

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type SamplerName = (typeof SAMPLERS)[number];

export interface Sampling {
  /** From 0 to 1. */
  readonly ratio: number;
  /** Whether the flag of a caller decides. */
  readonly parentBased: boolean;
}

export function samplingOf(name: SamplerName, ratio: number): Sampling {
  const parentBased = name.startsWith('parentbased_');
  if (name.endsWith('always_on')) return { ratio: 1, parentBased };
  return { ratio: name.endsWith('always_off') ? 0 : ratio, parentBased };
}

const FIRST = 18;
const DIGITS = 13;
/** 2^52: the ids' last 13 digits as a number without loss. */
const RANGE = 2 ** (4 * DIGITS);

/** The least digits of an id that are in the ratio. The letter g is above all of them. */
export function leastDigitsOf(ratio: number): string {
  if (ratio >= 1) return '';
  const least = Math.round((1 - ratio) * RANGE);
  return least >= RANGE ? 'g' : least.toString(16).padStart(DIGITS, '0');
}

/**
 * The randomness of an id is in its last 56 bits, which the specification compares. The first 52 of
 * them decide alike for every ratio above 2^-52. `least`: of `leastDigitsOf`.
 */
export function isInRatio(trace: string, least: string): boolean {
  // The first digit mostly decides. To parse the digits takes ten times as long.
  for (let index = 0; index < least.length; index++) {
    const difference = trace.charCodeAt(FIRST + index) - least.charCodeAt(index);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
