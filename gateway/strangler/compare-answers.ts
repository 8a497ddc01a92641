// Compares the answer of legacy with that of the new side: status, chosen headers, body.
import { diffJson } from './diff-json.ts';
import type { Places } from './ignored-places.ts';

/** An answer made ready to be compared: addresses mapped as for the client, the body plain. */
export interface ComparableAnswer {
  readonly status: number;
  /** Name and value in turn. */
  readonly fields: readonly string[];
  readonly body: Buffer;
}

export interface CompareSettings {
  readonly status: boolean;
  readonly body: 'json' | 'text' | 'none';
  readonly ignore: Places;
  /** Lower case. */
  readonly headers: readonly string[];
}

export interface Difference {
  /** `status`, `header content-type`, `body`, or the JSON Pointer of a place in the body. */
  readonly at: string;
  readonly legacy: unknown;
  readonly fresh: unknown;
}

/** More than these say nothing new about two answers. */
export const MAX_DIFFERENCES = 20;

export function compareAnswers(
  legacy: ComparableAnswer,
  fresh: ComparableAnswer,
  settings: CompareSettings,
): Difference[] {
  const found: Difference[] = [];
  if (settings.status && legacy.status !== fresh.status) {
    found.push({ at: 'status', legacy: legacy.status, fresh: fresh.status });
  }
  for (const name of settings.headers) {
    const one = toComparable(name, fieldValue(legacy.fields, name));
    const other = toComparable(name, fieldValue(fresh.fields, name));
    if (one !== other) found.push({ at: `header ${name}`, legacy: one, fresh: other });
  }
  const inBodies = compareBodies(legacy.body, fresh.body, settings);
  return found.length === 0 ? inBodies : [...found, ...inBodies].slice(0, MAX_DIFFERENCES);
}

/**
 * What is left of `found` when legacy does not agree with itself there: `noise` are the differences between two of its own answers.
 * A place below a noisy one is noise too; a place above it is not.
 */
export function withoutNoise(found: readonly Difference[], noise: readonly Difference[]): Difference[] {
  return found.filter(({ at }) => !noise.some(noisy => at === noisy.at || at.startsWith(`${noisy.at}/`)));
}

function compareBodies(legacy: Buffer, fresh: Buffer, { body, ignore }: CompareSettings): Difference[] {
  if (body === 'none' || legacy.equals(fresh)) return [];
  if (body === 'json') {
    const [one, other] = [parseJson(legacy), parseJson(fresh)];
    if (one && other) return diffJson(one.value, other.value, { ignore, limit: MAX_DIFFERENCES }).map(atBody);
    if (one || other) return [{ at: 'body', legacy: kindOf(legacy, one), fresh: kindOf(fresh, other) }];
  }
  return [{ at: 'body', legacy: legacy.toString(), fresh: fresh.toString() }];
}

function atBody<T extends { readonly at: string }>(difference: T): T {
  return difference.at === '' ? { ...difference, at: 'body' } : difference;
}

function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString()) };
  } catch {
    return undefined;
  }
}

/** One of the two is JSON and the other is not. */
function kindOf(body: Buffer, json: { readonly value: unknown } | undefined): unknown {
  if (json) return json.value;
  return body.length === 0 ? undefined : body.toString();
}

/** The value of a field by its lower-case name; that of a repeated one is joined with `, `. */
export function fieldValue(fields: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const each = fields[index] ?? '';
    if (each.length !== name.length || each.toLowerCase() !== name) continue;
    found = found === undefined ? fields[index + 1] : `${found}, ${fields[index + 1]}`;
  }
  return found;
}

/** Media types are the same in any case and with any blanks around the semicolon (RFC 9110 §8.3.1). */
function toComparable(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return name === 'content-type' ? value.toLowerCase().replace(/\s*;\s*/g, ';') : value;
}
