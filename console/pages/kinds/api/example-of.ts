// Makes an example of a JSON schema, to begin a body from.

type Schema = Readonly<Record<string, unknown>>;

/** A schema may hold itself. */
const DEEPEST = 8;
const MOST_ITEMS = 10;

const BY_FORMAT: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** Undefined where the schema says too little. It need not match `pattern`. */
export function exampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > DEEPEST) return undefined;
  const of = schema as Schema;
  const told = toldBy(of);
  if (told !== undefined) return told;
  for (const member of ['oneOf', 'anyOf']) {
    const ways = of[member];
    if (Array.isArray(ways) && ways.length > 0) return exampleOf(ways[0], depth + 1);
  }
  return byType(of, depth);
}

function toldBy({ const: only, default: usual, example, examples, enum: all }: Schema): unknown {
  const [first] = Array.isArray(examples) ? examples : [];
  const [one] = Array.isArray(all) ? all : [];
  return only ?? example ?? first ?? usual ?? one;
}

function byType(of: Schema, depth: number): unknown {
  const type = Array.isArray(of['type']) ? of['type'].find(each => each !== 'null') : of['type'];
  switch (type ?? (of['properties'] === undefined ? undefined : 'object')) {
    case 'object':
      return objectOf(of, depth);
    case 'array':
      return listOf(of, depth);
    case 'string':
      return textOf(of);
    case 'integer':
    case 'number':
      return numberOf(of);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return undefined;
  }
}

function objectOf({ properties, required }: Schema, depth: number): object {
  const members = Object.entries((properties ?? {}) as Schema).map(([name, each]) => [
    name,
    exampleOf(each, depth + 1),
  ]);
  const known = members.filter(([, value]) => value !== undefined);
  // One that is required, and of which nothing is said, has some value.
  const bare = (Array.isArray(required) ? required : []).filter(name => !known.some(([other]) => other === name));
  return Object.fromEntries([...known, ...bare.map(name => [name, ''])]);
}

function listOf({ items, minItems }: Schema, depth: number): unknown[] {
  const one = exampleOf(items, depth + 1);
  const count = Math.min(Math.max(typeof minItems === 'number' ? minItems : 1, 1), MOST_ITEMS);
  return one === undefined ? [] : Array.from({ length: count }, () => one);
}

function textOf({ format, minLength }: Schema): string {
  const known = typeof format === 'string' ? BY_FORMAT[format] : undefined;
  return known ?? 'text'.padEnd(Math.min(typeof minLength === 'number' ? minLength : 0, 1000), '.');
}

function numberOf({ type, minimum, exclusiveMinimum, maximum }: Schema): number {
  const least = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1;
  const capped = typeof maximum === 'number' ? Math.min(least, maximum) : least;
  return type === 'integer' ? Math.ceil(capped) : capped;
}
