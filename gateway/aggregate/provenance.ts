// Reports where each part of an answer comes from, without naming its target.
import type { Part } from './part.ts';
import { CANCELLED, type PartResult } from './part-result.ts';

export const PARTS_HEADER = 'tenfold-parts';

/**
 * A structured field (RFC 9651), a list of tokens with parameters: `order;ok,
 * reviews;stale;age=12, ads;failed`. Names of parts begin with a letter or `_`; a token cannot
 * begin with `_`, so that such a name is a string.
 */
export function toPartsField(parts: readonly Part[], results: readonly (PartResult | undefined)[]): string {
  let field = '';
  for (const [index, { name }] of parts.entries()) {
    const { outcome, ageMs } = results[index] ?? CANCELLED;
    if (index > 0) field += ', ';
    field += `${name.startsWith('_') ? `"${name}"` : name};${outcome}`;
    if (ageMs !== undefined) field += `;age=${seconds(ageMs)}`;
  }
  return field;
}

export interface PartMeta {
  readonly outcome: string;
  /** Seconds since the answer was fetched; absent when it was fetched for this request. */
  readonly age?: number;
  /** Why there is no answer of its own. */
  readonly reason?: string;
}

/** The same as a member of a JSON body. */
export function toPartsMeta(
  parts: readonly Part[],
  results: readonly (PartResult | undefined)[],
): Readonly<Record<string, PartMeta>> {
  return Object.fromEntries(
    parts.map(({ name }, index) => {
      const { outcome, ageMs, reason } = results[index] ?? CANCELLED;
      const age = ageMs === undefined ? {} : { age: seconds(ageMs) };
      return [name, { outcome, ...age, ...(reason === undefined ? {} : { reason }) }];
    }),
  );
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
