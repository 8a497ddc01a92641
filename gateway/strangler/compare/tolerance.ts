// How far two numbers may be apart and still count as equal.

/** Undefined: not at all. An amount, or a share of the larger one, 0 to 1. */
export type Tolerance = { readonly amount: number } | { readonly share: number } | undefined;

const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** For numbers, and for two texts that are numbers, as all values of XML are. */
export function isWithin(one: unknown, other: unknown, tolerance: Tolerance): boolean {
  if (tolerance === undefined) return false;
  const [a, b] = [toNumber(one), toNumber(other)];
  if (a === undefined || b === undefined || typeof one !== typeof other) return false;
  const apart = Math.abs(a - b);
  // Half a unit in the last written digit: 0.3 and 0.29 are 0.01 apart.
  const slack = Number.EPSILON * Math.max(Math.abs(a), Math.abs(b)) * 2;
  const allowed = 'amount' in tolerance ? tolerance.amount : tolerance.share * Math.max(Math.abs(a), Math.abs(b));
  return apart <= allowed + slack;
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.length <= 40 && NUMBER.test(value) ? Number(value) : undefined;
}
