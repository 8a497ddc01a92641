// Conditional requests (RFC 9110 §13): whether the client has the answer already,
// and the 304 that says so.
import { fieldOf } from '../http/fields.ts';

export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** `fields` of the request: name (lower case) and value in turn. */
export function isUnchanged(fields: readonly string[], { etag, lastModified }: Validators): boolean {
  const tags = fieldOf(fields, 'if-none-match');
  // RFC 9110 §13.1.3: with If-None-Match the date does not count.
  if (tags !== undefined) return etag !== undefined && (tags.trim() === '*' || tagsOf(tags).has(opaque(etag)));
  const since = fieldOf(fields, 'if-modified-since');
  if (since === undefined || lastModified === undefined) return false;
  const known = Date.parse(since);
  const changed = Date.parse(lastModified);
  return !Number.isNaN(known) && !Number.isNaN(changed) && changed <= known;
}

/** Fields that a 304 repeats (RFC 9110 §15.4.5), and those that say where it comes from. */
const REPEATED = new Set([
  'age',
  'cache-control',
  'cache-status',
  'content-location',
  'date',
  'etag',
  'expires',
  'last-modified',
  'vary',
]);

export function unchangedFields(fields: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (REPEATED.has(name.toLowerCase())) kept.push(name, fields[index + 1] ?? '');
  }
  return kept;
}

function tagsOf(list: string): Set<string> {
  return new Set([...list.matchAll(/(?:W\/)?("[^"]*")/g)].map(match => match[1] ?? ''));
}

/** If-None-Match compares weakly (RFC 9110 §8.8.3.2). */
function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
