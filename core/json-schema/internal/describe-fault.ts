// Describes the fault of a schema that Ajv refuses, and its place.
import type { Ajv } from 'ajv';
import { suggest } from '../../suggest.ts';
import { describeViolation } from './violations.ts';

export interface SchemaFault {
  /** RFC 6901 pointer into the schema; empty when the place is not known. */
  readonly pointer: string;
  readonly reason: string;
  readonly suggestion?: string;
}

/** From what `ajv.compile(schema)` threw. */
export function describeFault(error: unknown, schema: object, ajv: Ajv): SchemaFault {
  const message = error instanceof Error ? error.message : 'it does not compile';
  const [first] = message.startsWith('schema is invalid') ? (ajv.errors ?? []) : [];
  if (first) {
    const { pointer, message: words } = describeViolation(first);
    return { pointer, reason: `This ${words}.` };
  }
  const keyword = /^strict mode: unknown keyword: "(.{1,100})"$/.exec(message)?.[1];
  if (keyword !== undefined) return unknownKeyword(keyword, schema, ajv);
  const reference = /^can't resolve reference (\S{1,200}) from id/.exec(message)?.[1];
  if (reference !== undefined) {
    const reason = `"${reference}" points nowhere. References lead to places inside the same schema only.`;
    return { pointer: find(schema, (_key, value) => value === reference) ?? '', reason };
  }
  const [, format, path] = /^unknown format "(.{1,100})" ignored in schema at path "#(.{0,500})"$/.exec(message) ?? [];
  if (format !== undefined && path !== undefined) {
    return {
      pointer: `${path}/format`,
      ...withSuggestion(`There is no format "${format}".`, format, Object.keys(ajv.formats)),
    };
  }
  const pattern = /error parsing regexp: (.{1,500})/s.exec(message)?.[1];
  if (pattern !== undefined) return { pointer: '', reason: `A pattern is not valid RE2: ${pattern}.` };
  return { pointer: '', reason: `${message.replace(/^strict mode: /, '')}.` };
}

function unknownKeyword(keyword: string, schema: object, ajv: Ajv): SchemaFault {
  const pointer = find(schema, key => key === keyword) ?? '';
  return { pointer, ...withSuggestion(`There is no keyword "${keyword}".`, keyword, Object.keys(ajv.RULES.all)) };
}

function withSuggestion(
  reason: string,
  name: string,
  names: readonly string[],
): { reason: string; suggestion?: string } {
  const suggestion = suggest(name, names);
  return suggestion === undefined ? { reason } : { reason: `${reason} Did you mean "${suggestion}"?`, suggestion };
}

/** The pointer of the first member that `wanted` accepts. */
function find(value: object, wanted: (key: string, value: unknown) => boolean, at = ''): string | undefined {
  for (const [key, inner] of Object.entries(value)) {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (wanted(key, inner)) return pointer;
    const deeper = typeof inner === 'object' && inner !== null ? find(inner, wanted, pointer) : undefined;
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
