// Finds in how many words, numbers and marks two texts differ.
import type { Findings } from './findings.ts';
import { isWithin, type Tolerance } from './tolerance.ts';

const TOKENS = /\p{L}+|\p{N}+(?:\.\p{N}+)?|\s+|[^\p{L}\p{N}\s]/gu;

/** The first lines are a place each, so that a header with the time hides nothing below it. */
const OWN_LINES = 64;

/**
 * Bodies that are texts: those that differ have at least one difference, even if only in the space
 * between words.
 */
export function diffLines(legacy: string, fresh: string, tolerance: Tolerance, findings: Findings): void {
  const [ours, theirs, start] = withoutCommon(legacy.split('\n'), fresh.split('\n'));
  const lines = Math.max(ours.length, theirs.length);
  for (let index = 0; index < lines; index++) {
    const [one, other] = [ours[index], theirs[index]];
    if (one === other) continue;
    const line = start + index + 1;
    const at = line <= OWN_LINES ? `body line ${line}` : 'body';
    if (one === undefined || other === undefined) findings.add(at, one, other);
    else diffText(one, other, at, tolerance, findings);
  }
}

/** All at one place. */
export function diffText(legacy: string, fresh: string, at: string, tolerance: Tolerance, findings: Findings): void {
  const [ours, theirs] = withoutCommon(legacy.match(TOKENS) ?? [], fresh.match(TOKENS) ?? []);
  const words = Math.max(ours.length, theirs.length);
  for (let index = 0; index < words; index++) {
    const [one, other] = [ours[index], theirs[index]];
    if (one === other || isWithin(one, other, tolerance)) continue;
    findings.add(at, one, other);
  }
}

/** The text between the common beginning and the common end. */
function withoutCommon(
  one: readonly string[],
  other: readonly string[],
): [readonly string[], readonly string[], start: number] {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start++;
  let end = 0;
  while (end < shorter - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end++;
  return [one.slice(start, one.length - end), other.slice(start, other.length - end), start];
}
