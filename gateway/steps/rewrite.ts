// Changes what the target gets: path, host and header fields, from templates over the request.
import { evaluateIfSet, splitQuery } from '../../core/cel/optional.ts';
import { compileTemplate, type Template } from '../../core/cel/template.ts';
import { TenfoldError } from '../../core/errors.ts';
import { normalizePath } from '../../core/paths/normalize-path.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../exchange/step.ts';
import { isHopByHop, isReserved } from '../http/hop-by-hop.ts';

export interface HeaderChanges {
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly add?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

export interface Rewrites {
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly headers?: HeaderChanges | undefined;
}

export function rewrite({ path, host, headers }: Rewrites): Step | undefined {
  if (path === undefined && host === undefined && headers === undefined) return undefined;
  const scope = scopeOf('request');
  // The value of a parameter stays inside its segment: its slashes, question marks and dots are
  // encoded.
  const newPath = path === undefined ? undefined : compileNewPath(path);
  const newHost = host === undefined ? undefined : compileTemplate(host, scope, { expected: 'string' });
  const change = headers && compileHeaderChanges(headers);
  return exchange => {
    if (newPath) exchange.request.path = toPath(newPath, exchange);
    if (change) exchange.request.headers = change(exchange.headers, exchange.variables);
    const host = newHost && toValue(newHost, exchange.variables);
    if (host !== undefined) exchange.request.headers = [...without(exchange.headers, 'host'), 'host', host];
  };
}

/** Compiles changes to a list of name and value in turn; `variables` are what the templates see. */
export function compileHeaderChanges(changes: HeaderChanges) {
  const scope = scopeOf('request');
  const compile = (record: Readonly<Record<string, string>> | undefined) =>
    Object.entries(record ?? {}).map(([name, text]) => ({
      name,
      template: compileTemplate(text, scope, { expected: 'string' }),
    }));
  const set = compile(changes.set);
  const add = compile(changes.add);
  const gone = new Set([...(changes.remove ?? []), ...set.map(({ name }) => name)]);
  return (fields: readonly string[], variables: Readonly<Record<string, unknown>>): string[] => {
    const changed: string[] = [];
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const name = fields[index] ?? '';
      if (!gone.has(name.toLowerCase())) changed.push(name, fields[index + 1] ?? '');
    }
    for (const { name, template } of [...set, ...add]) {
      const value = toValue(template, variables);
      if (value !== undefined) changed.push(name, value);
    }
    return changed;
  };
}

/** Names that no resource may set or remove, since the gateway itself answers for them. */
export function isOurs(name: string): boolean {
  return isHopByHop(name) || isReserved(name) || name === 'host' || name === 'content-length' || name === 'traceparent';
}

/** A query parameter whose value is absent is left out; of the path itself nothing may be. */
function compileNewPath(text: string): (variables: Readonly<Record<string, unknown>>) => string {
  const compile = (part: string) =>
    compileTemplate(part, scopeOf('request'), { expected: 'string', encode: encodeSegment });
  const split = splitQuery(text);
  const path = compile(split.path);
  const pairs = split.pairs?.map(compile);
  return variables => {
    const place = evaluateIfSet(path, variables);
    if (place === undefined)
      throw new TenfoldError('invalid-input', 'The request lacks a value of which its path at the target is made.');
    const set = pairs?.map(pair => evaluateIfSet(pair, variables)).filter(pair => pair !== undefined);
    return set ? `${place}?${set.join('&')}` : String(place);
  };
}

function toPath(newPath: (variables: Readonly<Record<string, unknown>>) => string, exchange: Exchange): string {
  const text = newPath(exchange.variables);
  const mark = text.indexOf('?');
  const path = normalizePath(mark === -1 ? text : text.slice(0, mark));
  return path + (mark === -1 ? exchange.request.head.query : text.slice(mark));
}

/** Undefined: something of the request that it is made of is not there. */
function toValue(template: Template, variables: Readonly<Record<string, unknown>>): string | undefined {
  const found = evaluateIfSet(template, variables);
  if (found === undefined) return undefined;
  const value = String(found);
  // RFC 9110 §5.5: a line end would let an attacker begin a field.
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new TenfoldError('bad-request', 'The request puts characters into a header that no header may hold.');
  }
  return value;
}

function without(fields: readonly string[], name: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] !== name) kept.push(fields[index] ?? '', fields[index + 1] ?? '');
  }
  return kept;
}

/** encodeURIComponent, and dots as well where they would make a dot segment. */
function encodeSegment(value: string): string {
  const encoded = encodeURIComponent(value);
  return /^\.{1,2}$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded;
}
