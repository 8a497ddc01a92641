// Compares two values that have nothing below them: within a tolerance,
// and long texts word by word.
import { diffText } from './diff-text.ts';
import type { Findings } from './findings.ts';
import { isWithin, type Tolerance } from './tolerance.ts';

/** Shorter texts are one value, such as an id or a moment. */
const LONG = 64;

export function diffLeaf(legacy: unknown, fresh: unknown, at: string, tolerance: Tolerance, findings: Findings): void {
  if (legacy === fresh || isWithin(legacy, fresh, tolerance)) return;
  const areLong = isText(legacy) && isText(fresh) && Math.min(legacy.length, fresh.length) > LONG;
  if (areLong && (/\s/.test(legacy) || /\s/.test(fresh))) diffText(legacy, fresh, at, tolerance, findings);
  else findings.add(at, legacy, fresh);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
