// This file lays out the two sides of a mismatch as lines of JSON. Places that share a beginning
// stand below it, so that it reads as the document does.
import type { Example } from '../../../../gateway/strangler/evidence/tally.ts';

export interface DiffLine {
  readonly depth: number;
  /** A member, an index of a list, or what else differs: the status or a header. */
  readonly name: string;
  /** Undefined for a line that only leads to others. */
  readonly sides: { readonly legacy: string; readonly new: string; readonly note: string | undefined } | undefined;
}

export function linesOf(differences: Example['differences']): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let before: readonly string[] = [];
  for (const { at, legacy, new: fresh, note } of differences) {
    const steps = stepsOf(at);
    const shared = sharedLength(before, steps.slice(0, -1));
    for (const [depth, name] of steps.entries()) {
      const isLast = depth === steps.length - 1;
      if (depth < shared && !isLast) continue;
      lines.push({ depth, name, sides: isLast ? { legacy, new: fresh, note } : undefined });
    }
    before = steps;
  }
  return lines;
}

/** A JSON Pointer names a place in the body; everything else is a place of its own. */
function stepsOf(at: string): readonly string[] {
  if (!at.startsWith('/')) return [at === '' ? 'the whole body' : at];
  return [
    'body',
    ...at
      .slice(1)
      .split('/')
      .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~')),
  ];
}

function sharedLength(one: readonly string[], other: readonly string[]): number {
  let length = 0;
  while (length < other.length && one[length] === other[length]) length++;
  return length;
}
