// Writes the TypeScript type of a JSON Schema; what a type cannot say becomes
// `unknown`, never something wrong.

type Schema = Readonly<Record<string, unknown>>;

/** A type's text, and whether an operator may stand beside it without parentheses. */
interface Type {
  readonly text: string;
  readonly atomic: boolean;
}

/** The position of the writer in the schema and in the output. */
interface Place {
  readonly root: unknown;
  readonly depth: number;
  readonly indent: string;
  readonly visits: { left: number };
}

/** Schemas nest and refer to themselves; beyond this the rest is `unknown`. */
const MAX_DEPTH = 12;
const MAX_SCHEMAS = 2000;
const UNKNOWN = atom('unknown');

export function schemaToType(schema: unknown, indent = ''): string {
  const visits = { left: MAX_SCHEMAS };
  const { text } = typeOf(schema, { root: schema, depth: 0, indent, visits });
  return visits.left < 0 ? 'unknown' : text;
}

/** The name of a property as a type writes it. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function typeOf(schema: unknown, place: Place): Type {
  if (schema === false) return atom('never');
  place.visits.left -= 1;
  if (!isObject(schema) || place.depth > MAX_DEPTH || place.visits.left < 0) return UNKNOWN;
  const below = { ...place, depth: place.depth + 1 };
  if (typeof schema['$ref'] === 'string') return typeOf(resolveRef(schema['$ref'], place.root), below);
  if ('const' in schema) return literal(schema['const']);
  if (Array.isArray(schema['enum'])) return union(schema['enum'].map(literal));
  const choices = schema['oneOf'] ?? schema['anyOf'];
  if (Array.isArray(choices)) {
    return intersection([own(schema, below), union(choices.map(choice => typeOf(choice, below)))]);
  }
  if (Array.isArray(schema['allOf'])) {
    return intersection([own(schema, below), ...schema['allOf'].map(part => typeOf(part, below))]);
  }
  return own(schema, below);
}

/** The type by the schema's own keywords, without those that combine others. */
function own(schema: Schema, place: Place): Type {
  const { type } = schema;
  if (Array.isArray(type)) return union(type.map(each => ofType(each, schema, place)));
  if (type === undefined && isObject(schema['properties'])) return ofType('object', schema, place);
  return ofType(type, schema, place);
}

function ofType(type: unknown, schema: Schema, place: Place): Type {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return atom(type);
    case 'number':
    case 'integer':
      return atom('number');
    case 'array':
      return arrayType(schema, place);
    case 'object':
      return objectType(schema, place);
    default:
      return UNKNOWN;
  }
}

function arrayType(schema: Schema, place: Place): Type {
  const tuple = schema['prefixItems'];
  const items = typeOf(schema['items'], place);
  if (!Array.isArray(tuple)) return atom(`${wrapped(items)}[]`);
  const first = tuple.map(item => `${wrapped(typeOf(item, place))}?`);
  return atom(`[${[...first, ...(schema['items'] === false ? [] : [`...${wrapped(items)}[]`])].join(', ')}]`);
}

function objectType(schema: Schema, place: Place): Type {
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const additional = schema['additionalProperties'];
  if (properties.length === 0) {
    if (additional === false) return atom('Record<string, never>');
    return atom(`Record<string, ${isObject(additional) ? typeOf(additional, place).text : 'unknown'}>`);
  }
  const inner = { ...place, indent: `${place.indent}  ` };
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const members = properties.flatMap(([name, value]) => [
    ...comment(value, inner.indent),
    `${inner.indent}${key(name)}${required.has(name) ? '' : '?'}: ${typeOf(value, inner).text};`,
  ]);
  // An index signature must admit the declared members too, which only
  // `unknown` does for all of them.
  if (additional === true || isObject(additional)) members.push(`${inner.indent}[more: string]: unknown;`);
  return atom(`{\n${members.join('\n')}\n${place.indent}}`);
}

function comment(schema: unknown, indent: string): string[] {
  if (!isObject(schema) || typeof schema['description'] !== 'string') return [];
  const text = schema['description'].replace(/\s+/g, ' ').replaceAll('*/', '* /').trim();
  return text === '' ? [] : [`${indent}/** ${text} */`];
}

/** Follows only references into the same document. */
function resolveRef(ref: string, root: unknown): unknown {
  if (!ref.startsWith('#')) return undefined;
  let at: unknown = root;
  for (const part of ref.slice(1).split('/').filter(Boolean)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

function literal(value: unknown): Type {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return atom(String(value));
  return typeof value === 'string' ? atom(JSON.stringify(value)) : UNKNOWN;
}

function union(types: readonly Type[]): Type {
  const distinct = distinctOf(types);
  if (distinct.length === 0 || distinct.includes(UNKNOWN)) return UNKNOWN;
  return joined(distinct, ' | ');
}

function intersection(types: readonly Type[]): Type {
  const distinct = distinctOf(types).filter(type => type !== UNKNOWN);
  return distinct.length === 0 ? UNKNOWN : joined(distinct, ' & ');
}

function distinctOf(types: readonly Type[]): Type[] {
  return [...new Map(types.map(type => [type.text, type.text === UNKNOWN.text ? UNKNOWN : type])).values()];
}

function joined(types: readonly Type[], operator: string): Type {
  const [first] = types;
  if (first && types.length === 1) return first;
  return { text: types.map(wrapped).join(operator), atomic: false };
}

function wrapped(type: Type): string {
  return type.atomic ? type.text : `(${type.text})`;
}

function atom(text: string): Type {
  return { text, atomic: true };
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
