// The facts about data that matches a list of schemas all at once. They may let in more than the
// schemas accept, never less.
import { compilePattern } from '../../../patterns.ts';
import { canonical } from '../unique-items.ts';
import { below, namesAt, type SchemaPlace } from './place.ts';

/** No value is of two of them; `number` is both of the last. */
const TYPES = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'fraction'] as const;
export type DataType = (typeof TYPES)[number];

export interface Known {
  readonly places: readonly SchemaPlace[];
  readonly types: ReadonlySet<DataType>;
  /** By canonical text; undefined where there may be any number of values. */
  readonly values: ReadonlyMap<string, unknown> | undefined;
  readonly required: ReadonlySet<string>;
}

export function known(places: readonly SchemaPlace[]): Known {
  let types = new Set<DataType>(TYPES);
  let values: ReadonlyMap<string, unknown> | undefined;
  const required = new Set<string>();
  for (const place of places) {
    const named = typesIn(place);
    types = new Set([...types].filter(type => named.has(type)));
    for (const listed of valuesIn(place)) {
      const texts = new Map(listed.map(value => [canonical(value), value]));
      values = values === undefined ? texts : new Map([...values].filter(([text]) => texts.has(text)));
    }
    for (const name of requiredIn(place)) required.add(name);
  }
  values ??= fewValues(types);
  if (values) {
    values = new Map([...values].filter(([, value]) => types.has(typeOf(value))));
    types = new Set([...values.values()].map(typeOf));
  }
  return { places, types, values, required };
}

export function isOneOf({ types }: Known, on: Iterable<DataType>): boolean {
  return [...on].some(type => types.has(type));
}

export function isEmpty({ types }: Known): boolean {
  return types.size === 0;
}

/** The types that `type` of one schema names; all of them without it. */
export function typesIn({ schema: { type, nullable } }: SchemaPlace): Set<DataType> {
  if (type === undefined) return new Set(TYPES);
  const names: readonly unknown[] = [...(Array.isArray(type) ? type : [type]), ...(nullable === true ? ['null'] : [])];
  return new Set(
    names.flatMap(name =>
      name === 'number' ? ['integer', 'fraction'] : TYPES.filter(one => one === name),
    ) as DataType[],
  );
}

/** The lists by which one schema names all values. */
export function valuesIn({ schema }: SchemaPlace): (readonly unknown[])[] {
  const listed = Array.isArray(schema['enum']) ? [schema['enum']] : [];
  return Object.hasOwn(schema, 'const') ? [...listed, [schema['const']]] : listed;
}

export function requiredIn({ schema: { required } }: SchemaPlace): string[] {
  return Array.isArray(required) ? required.filter(name => typeof name === 'string') : [];
}

function typeOf(value: unknown): DataType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value as DataType;
  return 'object';
}

/** `integer` and `number` are words of JSON Schema; a fraction alone is none. */
export function sayTypes(types: ReadonlySet<DataType>): string {
  const words = TYPES.filter(type => types.has(type)).flatMap(type => {
    if (type === 'fraction') return types.has('integer') ? ['number'] : ['number with a fraction'];
    return type === 'integer' && types.has('fraction') ? [] : [type];
  });
  return words.length === 0 ? 'nothing' : words.join(' or ');
}

export interface MemberSchemas {
  readonly places: readonly SchemaPlace[];
  /** Whether any of the schemas says something of a member of that name. */
  readonly declared: boolean;
}

/** The schemas that a member of that name has to match. */
export function memberSchemas(places: readonly SchemaPlace[], name: string): MemberSchemas {
  const found = places.flatMap(place => memberIn(place, name));
  return { places: found, declared: found.length > 0 };
}

/** `additionalProperties` of a schema holds where neither name nor pattern fits. */
function memberIn(place: SchemaPlace, name: string): SchemaPlace[] {
  const named = namesAt(place, 'properties').includes(name) ? [below(place, 'properties', name)] : [];
  const patterns = namesAt(place, 'patternProperties').filter(pattern => fits(pattern, name));
  const all = [...named, ...patterns.map(pattern => below(place, 'patternProperties', pattern))];
  const others = place.schema['additionalProperties'];
  return all.length > 0 || others === undefined || others === true ? all : [below(place, 'additionalProperties')];
}

export function isMemberOf(place: SchemaPlace, name: string): boolean {
  return (
    namesAt(place, 'properties').includes(name) ||
    namesAt(place, 'patternProperties').some(pattern => fits(pattern, name))
  );
}

export function fits(pattern: string, text: string): boolean {
  return compilePattern(pattern).test(text);
}

function fewValues(types: ReadonlySet<DataType>): ReadonlyMap<string, unknown> | undefined {
  if (![...types].every(type => type === 'null' || type === 'boolean')) return undefined;
  const values = [...(types.has('null') ? [null] : []), ...(types.has('boolean') ? [false, true] : [])];
  return new Map(values.map(value => [canonical(value), value]));
}
