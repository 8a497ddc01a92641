// Conditions of routes on headers, query parameters and cookies, compiled once.
import { RE2JS } from 're2js';
import type { Condition, ConditionPart } from '../exchange/route-facts.ts';
import { parseCookies } from '../exchange/variables.ts';
import { fieldOf } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';

/** The text itself, or a closer description of the value. */
export type ValueMatch =
  | string
  | {
      readonly exact?: string | undefined;
      readonly prefix?: string | undefined;
      readonly pattern?: string | undefined;
      readonly present?: boolean | undefined;
    };

export interface MatchSpec {
  readonly headers?: Readonly<Record<string, ValueMatch>> | undefined;
  readonly query?: Readonly<Record<string, ValueMatch>> | undefined;
  readonly cookies?: Readonly<Record<string, ValueMatch>> | undefined;
}

/**
 * `more`: conditions from elsewhere, such as a version. Undefined when there is nothing to hold.
 */
export function compileCondition(match: MatchSpec, more: readonly Condition[] = []): Condition | undefined {
  const parts: ConditionPart[] = more.flatMap(condition => condition.parts);
  const add = (
    what: string,
    matches: Readonly<Record<string, ValueMatch>> | undefined,
    read: (head: RequestHead, name: string) => string | undefined,
  ) => {
    for (const [name, value] of Object.entries(matches ?? {})) {
      const test = compileValue(value);
      parts.push({ says: `${what} ${name} ${describe(value)}`, holds: head => test(read(head, name)) });
    }
  };
  add('header', match.headers, (head, name) => fieldOf(head.fields, name));
  add('query', match.query, (head, name) => queryOf(head)[name]);
  add('cookie', match.cookies, (head, name) => cookiesOf(head)[name]);
  const tests = parts.map(({ holds }) => holds);
  const [first, second] = tests;
  if (!first) return undefined;
  // Most routes have one condition: without the loop around it a request finds
  // its route a tenth sooner.
  const holds = second ? (head: RequestHead) => tests.every(test => test(head)) : first;
  return { says: parts.map(({ says }) => says), holds, parts };
}

function compileValue(match: ValueMatch): (value: string | undefined) => boolean {
  if (typeof match === 'string') return value => value === match;
  const { exact, prefix, pattern, present } = match;
  if (exact !== undefined) return value => value === exact;
  if (prefix !== undefined) return value => value?.startsWith(prefix) ?? false;
  if (pattern !== undefined) {
    // RE2: linear in the length of what a client sends, whatever the pattern.
    const compiled = RE2JS.compile(pattern);
    return value => value !== undefined && compiled.matches(value);
  }
  return value => (value !== undefined) === (present ?? true);
}

function describe(match: ValueMatch): string {
  if (typeof match === 'string') return `is "${match}"`;
  if (match.exact !== undefined) return `is "${match.exact}"`;
  if (match.prefix !== undefined) return `begins with "${match.prefix}"`;
  if (match.pattern !== undefined) return `matches ${match.pattern}`;
  return match.present === false ? 'is absent' : 'is present';
}

// Parsed once per request, and only when a condition asks.
const queries = new WeakMap<RequestHead, Record<string, string>>();
const cookies = new WeakMap<RequestHead, Record<string, string>>();

function queryOf(head: RequestHead): Record<string, string> {
  return remembered(queries, head, () => firstValues(head.query));
}

function cookiesOf(head: RequestHead): Record<string, string> {
  return remembered(cookies, head, () => parseCookies(fieldOf(head.fields, 'cookie')));
}

/** The first value counts when a parameter came twice. */
function firstValues(query: string): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) record[name] ??= value;
  return record;
}

function remembered<T>(memo: WeakMap<RequestHead, T>, head: RequestHead, make: () => T): T {
  const before = memo.get(head);
  if (before !== undefined) return before;
  const made = make();
  memo.set(head, made);
  return made;
}
