// Finds which part of a zod schema describes a place in a document, to tell
// what would be valid there.
import type * as z from 'zod';
import type { Path } from '../resource.ts';

type Schema = z.core.$ZodType;

/** The schema without what wraps it: optional, default, transform before or after, readonly. */
function unwrap(schema: Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'default':
    case 'prefault':
    case 'catch':
    case 'readonly':
      return unwrap(def.innerType);
    case 'pipe':
      return unwrap((def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in);
    case 'lazy':
      return unwrap(def.getter());
    default:
      return schema;
  }
}

/** Every alternative that may describe the value: the options of unions, else the schema itself. */
export function alternatives(schema: Schema): Schema[] {
  const inner = unwrap(schema) as z.core.$ZodTypes;
  return inner._zod.def.type === 'union' ? inner._zod.def.options.flatMap(alternatives) : [inner];
}

/** The schemas of one member or item of what `schema` describes. */
export function schemasBelow(schema: Schema, name: string | number): Schema[] {
  return alternatives(schema).flatMap(alternative => {
    const { def } = (alternative as z.core.$ZodTypes)._zod;
    if (def.type === 'object') return Object.hasOwn(def.shape, name) ? [def.shape[name] as Schema] : [];
    if (def.type === 'record') return [def.valueType];
    return def.type === 'array' ? [def.element] : [];
  });
}

export function schemasAt(schema: Schema, path: Path): Schema[] {
  return path.reduce<Schema[]>((schemas, name) => schemas.flatMap(one => schemasBelow(one, name)), [schema]);
}

/** Names of the members that an object at `path` may have. */
export function memberNames(schema: Schema, path: Path): string[] {
  const names = schemasAt(schema, path)
    .flatMap(alternatives)
    .flatMap(alternative => {
      const { def } = (alternative as z.core.$ZodTypes)._zod;
      return def.type === 'object' ? Object.keys(def.shape) : [];
    });
  return [...new Set(names)];
}
