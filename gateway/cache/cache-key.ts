// Under which key an answer is kept: everything of a request that may make it another answer.

import { acceptedEncodings } from '../http/accept-encoding.ts';
import { fieldOf } from '../http/fields.ts';

export interface KeyParts {
  /** Unique for the route and its settings. */
  readonly route: string;
  readonly proto: string;
  /** Host with port as sent: services build addresses from it. */
  readonly authority: string;
  readonly path: string;
  /** With its `?`. */
  readonly query: string;
  /** Empty unless answers are kept apart. */
  readonly consumer: string;
}

/** Line ends cannot stand in any part. */
export function primaryKey({ route, proto, authority, path, query, consumer }: KeyParts): string {
  return `${route}\n${consumer}\n${proto}://${authority.toLowerCase()}${path}${normalQuery(query)}`;
}

/** Parameters sorted by name; those of one name keep their order. */
function normalQuery(query: string): string {
  if (query.length < 2) return '';
  if (!query.includes('&')) return query;
  const pairs = query
    .slice(1)
    .split('&')
    .filter(pair => pair !== '');
  const nameOf = (pair: string) => pair.split('=', 1)[0] ?? '';
  pairs.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
  return `?${pairs.join('&')}`;
}

/** The second part of the key: the request's values of the fields that the answer varies by. */
export function variantKey(vary: readonly string[], fields: readonly string[]): string {
  if (vary.length === 0) return '';
  let key = '';
  for (const name of vary) {
    const value = fieldOf(fields, name);
    // A list in a hundred spellings leads to a handful of answers.
    const normal = name === 'accept-encoding' ? acceptedEncodings(value) : value;
    key += normal === undefined ? `\n${name}` : `\n${name}:${allOf(fields, name, normal)}`;
  }
  return key;
}

function allOf(fields: readonly string[], name: string, first: string): string {
  if (name === 'accept-encoding') return first;
  let all = '';
  for (let index = 0; index < fields.length; index += 2) if (fields[index] === name) all += `${fields[index + 1]},`;
  return all;
}
