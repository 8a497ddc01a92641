// Reads the marks of sensitive fields in a schema: which schemas hold for which values, and marks
// that would have no effect.
import { compilePattern, type Pattern } from '../../patterns.ts';
import type { SchemaFault } from './describe-fault.ts';
import { DATA_KEYWORDS, resolveReference } from './expansion.ts';

/** Marks the values that nobody sees who looks at events. */
export const SENSITIVE = 'x-sensitive';

type Schema = Readonly<Record<string, unknown>>;
/** All schemas that may hold for one value. */
export type Schemas = ReadonlySet<Schema>;

const LISTS = ['allOf', 'anyOf', 'oneOf'];
const BRANCHES = ['if', 'then', 'else', 'not'];
/** By the name of a property: schemas of the whole object. */
const DEPENDENT = ['dependentSchemas', 'dependencies'];
/** Keywords whose members are schemas by names that users choose. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', ...DEPENDENT]);
/** These schemas are of names, or of text inside a text. */
const UNMASKABLE = new Set(['propertyNames', 'contentSchema']);
const OTHER_REFERENCES = ['$dynamicRef', '$recursiveRef'];

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first mark in the schema that cannot hold; undefined where all can. */
export function faultOfMarks(root: unknown): SchemaFault | undefined {
  let marked = false;
  let unfollowed: SchemaFault | undefined;
  const visit = (schema: unknown, at: string, unmaskable: string | undefined): SchemaFault | undefined => {
    if (Array.isArray(schema)) return first(schema.entries(), (each, name) => visit(each, `${at}/${name}`, unmaskable));
    if (!isSchema(schema)) return undefined;
    const mark = schema[SENSITIVE];
    marked ||= mark === true;
    const wrong = wrongMark(mark, unmaskable);
    if (wrong !== undefined) return { pointer: `${at}/${SENSITIVE}`, reason: wrong };
    unfollowed ??= unfollowedReference(schema, at);
    return first(Object.entries(schema), (value, keyword) => {
      if (DATA_KEYWORDS.has(keyword)) return undefined;
      const inside = `${at}/${escaped(keyword)}`;
      const where = UNMASKABLE.has(keyword) ? keyword : unmaskable;
      if (!NAMED.has(keyword) || !isSchema(value)) return visit(value, inside, where);
      const isBeside = keyword === 'properties' && typeof value[SENSITIVE] === 'boolean';
      if (isBeside) return { pointer: `${inside}/${SENSITIVE}`, reason: BESIDE };
      return first(Object.entries(value), (each, name) => visit(each, `${inside}/${escaped(name)}`, where));
    });
  };
  return visit(root, '', undefined) ?? (marked ? unfollowed : undefined);
}

const BESIDE = `This names a property "${SENSITIVE}". The mark belongs inside the schema of the property that is sensitive.`;

function wrongMark(mark: unknown, unmaskable: string | undefined): string | undefined {
  if (mark !== undefined && typeof mark !== 'boolean') return `"${SENSITIVE}" must be true or false.`;
  if (mark !== true || unmaskable === undefined) return undefined;
  return `"${SENSITIVE}" has no effect inside "${unmaskable}". Mark the property or the item itself.`;
}

function unfollowedReference(schema: Schema, at: string): SchemaFault | undefined {
  const reason = `A schema with "${SENSITIVE}" refers to its parts by "#/…" alone, so that all of its marks are found.`;
  const other =
    OTHER_REFERENCES.find(keyword => keyword in schema) ?? (at !== '' && '$id' in schema ? '$id' : undefined);
  if (other !== undefined) return { pointer: `${at}/${other}`, reason };
  const reference = schema['$ref'];
  if (typeof reference !== 'string' || reference === '#' || reference.startsWith('#/')) return undefined;
  return { pointer: `${at}/$ref`, reason };
}

function first<K extends string | number>(
  entries: Iterable<readonly [K, unknown]>,
  look: (value: unknown, name: K) => SchemaFault | undefined,
): SchemaFault | undefined {
  for (const [name, value] of entries) {
    const found = look(value, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Whether any schema in the document has the mark. */
export function hasMarks(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (SENSITIVE in value && value[SENSITIVE] === true) return true;
  return Object.values(value).some(hasMarks);
}

/**
 * Finds the schemas of members and items. It takes each branch of a schema for one that holds, so
 * it finds marks of all of them.
 */
export class SchemaPlaces {
  readonly #root: unknown;
  readonly #patterns = new Map<string, Pattern>();

  constructor(root: unknown) {
    this.#root = root;
  }

  get top(): Schemas {
    return this.#all([this.#root]);
  }

  ofMember(schemas: Schemas, name: string): Schemas {
    return this.#all([...schemas].flatMap(schema => this.#membersOf(schema, name)));
  }

  ofItem(schemas: Schemas, index: number): Schemas {
    return this.#all([...schemas].flatMap(schema => itemsOf(schema, index)));
  }

  /** With the schemas that these include or refer to. */
  #all(given: readonly unknown[]): Schemas {
    const found = new Set<Schema>();
    const open = [...given];
    while (open.length > 0) {
      const schema = open.pop();
      if (!isSchema(schema) || found.has(schema)) continue;
      found.add(schema);
      for (const keyword of LISTS) open.push(...listOf(schema[keyword]));
      for (const keyword of BRANCHES) open.push(schema[keyword]);
      for (const keyword of DEPENDENT) open.push(...(isSchema(schema[keyword]) ? Object.values(schema[keyword]) : []));
      if (typeof schema['$ref'] === 'string') open.push(resolveReference(this.#root, schema['$ref']));
    }
    return found;
  }

  #membersOf(schema: Schema, name: string): unknown[] {
    const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema;
    const found: unknown[] = [];
    if (isSchema(properties) && Object.hasOwn(properties, name)) found.push(properties[name]);
    for (const [pattern, each] of Object.entries(isSchema(patternProperties) ? patternProperties : {})) {
      if (this.#patternOf(pattern).test(name)) found.push(each);
    }
    return found.length > 0 ? found : [additionalProperties, unevaluatedProperties];
  }

  #patternOf(source: string): Pattern {
    const known = this.#patterns.get(source) ?? compilePattern(source);
    this.#patterns.set(source, known);
    return known;
  }
}

function itemsOf(schema: Schema, index: number): unknown[] {
  const { prefixItems, items, additionalItems, unevaluatedItems, contains } = schema;
  const tuple = listOf(Array.isArray(items) ? items : prefixItems);
  if (index < tuple.length) return [tuple[index], contains];
  return [Array.isArray(items) ? additionalItems : items, unevaluatedItems, contains];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
