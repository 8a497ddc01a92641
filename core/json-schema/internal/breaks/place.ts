// Subschemas of a schema with their places: followed through references, and compared for equality.
import { resolveReference } from '../expansion.ts';
import { SENSITIVE } from '../marks.ts';
import { canonical } from '../unique-items.ts';
import { hasId, hasLoop } from './document.ts';

type SchemaObject = Readonly<Record<string, unknown>>;

export interface SchemaDocument {
  readonly root: SchemaObject;
  /** Whether its references are followed; otherwise nobody knows what they lead to. */
  readonly follows: boolean;
  readonly loops: boolean;
}

export interface SchemaPlace {
  readonly schema: SchemaObject;
  readonly document: SchemaDocument;
  /** RFC 6901 pointer into the document. */
  readonly pointer: string;
}

const ANYTHING: SchemaObject = Object.freeze({});
const NOTHING: SchemaObject = Object.freeze({ enum: Object.freeze([]) });

/** Keywords that no data is refused for. */
export const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...['$schema', '$id', '$comment', '$defs', 'definitions', '$anchor', '$dynamicAnchor', '$vocabulary'],
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema', SENSITIVE],
]);
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies']);
const INNER = new Set([
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'propertyNames', 'additionalProperties'],
  ...['items', 'prefixItems', 'additionalItems', 'contains', 'unevaluatedItems', 'unevaluatedProperties'],
]);

export function rootPlace(root: SchemaObject): SchemaPlace {
  const loops = hasLoop(root);
  const follows = !loops && !Object.values(root).some(hasId);
  return placeOf({ root, follows, loops }, root, '');
}

export function below(place: SchemaPlace, ...steps: readonly (string | number)[]): SchemaPlace {
  let value: unknown = place.schema;
  let { pointer } = place;
  for (const step of steps) {
    value = memberOf(value, step);
    pointer += `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return placeOf(place.document, value, pointer);
}

/** The schemas in a list, such as those of `anyOf`. */
export function listAt(place: SchemaPlace, keyword: string): SchemaPlace[] {
  const list = place.schema[keyword];
  return Array.isArray(list) ? list.map((_, index) => below(place, keyword, index)) : [];
}

/** The names in an object of schemas, such as `properties`. */
export function namesAt(place: SchemaPlace, keyword: string): string[] {
  const map = place.schema[keyword];
  return isObject(map) ? Object.keys(map) : [];
}

export interface Conjuncts {
  readonly places: readonly SchemaPlace[];
  /** References that lead out of the document, or to themselves. */
  readonly lost: readonly SchemaPlace[];
}

/** The same schema without some keywords, as one and the same object each time. */
export function createWithout(): (place: SchemaPlace, ...keywords: readonly string[]) => SchemaPlace {
  const made = new WeakMap<SchemaObject, Map<string, SchemaObject>>();
  return (place, ...keywords) => {
    const versions = made.get(place.schema) ?? new Map<string, SchemaObject>();
    made.set(place.schema, versions);
    const key = keywords.join();
    const left = Object.entries(place.schema).filter(([keyword]) => !keywords.includes(keyword));
    const schema = versions.get(key) ?? Object.fromEntries(left);
    versions.set(key, schema);
    return { ...place, schema };
  };
}

/** The schemas that data has to match all: these, and through `allOf` and `$ref`. */
export function conjunctsOf(from: readonly SchemaPlace[]): Conjuncts {
  const places: SchemaPlace[] = [];
  const lost: SchemaPlace[] = [];
  const visit = (place: SchemaPlace, above: readonly SchemaObject[]): void => {
    if (above.includes(place.schema)) {
      lost.push(place);
      return;
    }
    if (places.some(({ schema, document }) => schema === place.schema && document === place.document)) return;
    places.push(place);
    const line = [...above, place.schema];
    for (const inner of listAt(place, 'allOf')) visit(inner, line);
    if (!Object.hasOwn(place.schema, '$ref')) return;
    const target = targetOf(place);
    if (target) visit(target, line);
    else lost.push(place);
  };
  for (const place of from) visit(place, []);
  return { places, lost };
}

/** Pairs of schemas that were met already: each is looked at once. */
type Met = Map<SchemaObject, Set<SchemaObject>>;

/** Whether two schemas say the same, but for texts without effect: they accept the same data. */
export function isSame(one: SchemaPlace, other: SchemaPlace, met: Met = new Map()): boolean {
  const others = met.get(one.schema) ?? new Set();
  if (others.has(other.schema)) return true;
  met.set(one.schema, others.add(other.schema));
  const keywords = keywordsOf(one.schema);
  if (canonical(keywords) !== canonical(keywordsOf(other.schema))) return false;
  return keywords.every(keyword => isSameAt(one, other, keyword, met));
}

/** Whether they say the same by one keyword. */
export function isSameAt(one: SchemaPlace, other: SchemaPlace, keyword: string, met: Met = new Map()): boolean {
  const [a, b] = [one.schema[keyword], other.schema[keyword]];
  if (keyword === '$dynamicRef' || keyword === '$recursiveRef') return false;
  if (keyword === '$ref') {
    const [targetA, targetB] = [targetOf(one), targetOf(other)];
    return targetA !== undefined && targetB !== undefined && isSame(targetA, targetB, met);
  }
  if (MAPS.has(keyword)) {
    const names = namesAt(one, keyword).sort();
    if (canonical(names) !== canonical(namesAt(other, keyword).sort())) return false;
    return names.every(name => {
      const listed = [memberOf(a, name), memberOf(b, name)].some(Array.isArray);
      if (listed) return canonical(memberOf(a, name)) === canonical(memberOf(b, name));
      return isSame(below(one, keyword, name), below(other, keyword, name), met);
    });
  }
  if (!INNER.has(keyword)) return canonical(a) === canonical(b);
  if (!Array.isArray(a) || !Array.isArray(b)) {
    return Array.isArray(a) === Array.isArray(b) && isSame(below(one, keyword), below(other, keyword), met);
  }
  return (
    a.length === b.length &&
    a.every((_, index) => isSame(below(one, keyword, index), below(other, keyword, index), met))
  );
}

function keywordsOf(schema: SchemaObject): string[] {
  return Object.keys(schema)
    .filter(keyword => !WITHOUT_EFFECT.has(keyword))
    .sort();
}

function targetOf({ schema, document }: SchemaPlace): SchemaPlace | undefined {
  const { $ref } = schema;
  if (typeof $ref !== 'string' || !document.follows) return undefined;
  const target = resolveReference(document.root, $ref);
  if (typeof target !== 'boolean' && !isObject(target)) return undefined;
  return placeOf(document, target, decodeURIComponent($ref.slice(1)));
}

function placeOf(document: SchemaDocument, value: unknown, pointer: string): SchemaPlace {
  return { schema: value === false ? NOTHING : isObject(value) ? value : ANYTHING, document, pointer };
}

function memberOf(value: unknown, step: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<string | number, unknown>)[step]
    : undefined;
}

function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
