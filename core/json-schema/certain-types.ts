// The types that a value certainly has by its schema, wherever it stands in the data.
import { resolveReference } from './internal/expansion.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Types of JSON Schema, such as `number`, of the value at these members, one inside the other.
 * Undefined where the schema lets it be anything, and for a schema that depends on other values.
 */
export function certainTypes(root: unknown, members: readonly string[]): ReadonlySet<string> | undefined {
  let schemas = certainSchemas(root, root);
  for (const name of members) schemas = schemas.flatMap(schema => certainSchemas(root, memberOf(schema, name)));
  const [first, ...rest] = schemas.flatMap(({ type }) =>
    type === undefined ? [] : [new Set(Array.isArray(type) ? type : [type])],
  );
  return first && new Set([...first].filter(type => rest.every(types => types.has(type))));
}

/** The schema, and those that it refers to or includes in any case. */
function certainSchemas(root: unknown, schema: unknown): Schema[] {
  const found = new Set<Schema>();
  const open = [schema];
  while (open.length > 0) {
    const next = open.pop();
    if (!isObject(next) || found.has(next)) continue;
    found.add(next);
    if (typeof next['$ref'] === 'string') open.push(resolveReference(root, next['$ref']));
    if (Array.isArray(next['allOf'])) open.push(...next['allOf']);
  }
  return [...found];
}

function memberOf({ properties }: Schema, name: string): unknown {
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
