// How the tools of MCP ask the admin API: always as the caller, with the rights of that caller.
import { TenfoldError } from '../../core/errors.ts';

type Query = Readonly<Record<string, string | undefined>>;

export interface ApiCalls {
  /** `where` is the path below `/api/`. Rejects with the problem that the API answers. */
  call<T>(method: string, where: string, query?: Query, body?: unknown, signal?: AbortSignal): Promise<T>;
  /** For answers of one JSON document a line. */
  lines<T>(method: string, where: string, body: unknown, signal?: AbortSignal): AsyncIterable<T>;
}

/** An error that the platform answered: parts of its message may be texts of others. */
export class AnsweredError extends TenfoldError {}

/** The error for a call that took longer than `ms`. */
export function tookTooLong(method: string, where: string, ms: number): TenfoldError {
  const asked = `${method} /api/${where.replace(/\?.*/, '')}`;
  const mayBe = method === 'GET' ? '' : ' What it asks for may still be done: look before you ask again.';
  return new TenfoldError(
    'timeout',
    `The platform has not answered ${asked} within ${ms / 1000} s.${mayBe} Ask for less, or see "diagnose".`,
  );
}

/** A path of these names. No name may lead to another endpoint than the one that is meant. */
export function pathOf(...names: readonly string[]): string {
  for (const name of names) {
    assertWellFormed(name);
    if (name !== '' && name !== '.' && name !== '..') continue;
    throw new TenfoldError('bad-request', `"${name}" is no name. Say the name of what you mean.`);
  }
  return names.map(encodeURIComponent).join('/');
}

/** Texts for a query: numbers as digits, and nothing for what is not given. */
export function queryOf(given: Readonly<Record<string, string | number | boolean | undefined>>): Query {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      if (value === undefined) return [];
      assertWellFormed(String(value));
      return [[name, String(value)]];
    }),
  );
}

/** A half of a surrogate pair cannot be part of a URL, and would name something else there. */
function assertWellFormed(text: string): void {
  if (text.isWellFormed()) return;
  throw new TenfoldError('bad-request', 'A text is no well-formed Unicode: it has half of a character. Send it whole.');
}
