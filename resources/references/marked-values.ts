// Finds what a manifest holds at the places that its schema marks: references,
// expressions, JSON Schemas.
import * as z from 'zod';
import { type Marks, marksOf } from '../kinds/fields/marks.ts';
import { kinds } from '../kinds/index.ts';
import { alternatives, schemasBelow } from '../load/schema-path.ts';
import type { Path } from '../resource.ts';
import type { Declared } from './declared.ts';

export interface MarkedValue<R extends Declared = Declared> {
  readonly resource: R;
  readonly path: Path;
  readonly value: unknown;
  readonly marks: Marks;
}

/** The values in the order in which they were written, without defaults: those are ours. */
export function markedValues<R extends Declared>(resource: R): MarkedValue<R>[] {
  const found: MarkedValue<R>[] = [];
  const { manifest } = resource;
  const spec = typeof manifest === 'object' && manifest !== null && 'spec' in manifest ? manifest.spec : undefined;
  collect(resource, kinds[resource.kind].spec, spec, ['spec'], found);
  return found;
}

type Schema = z.core.$ZodType;

function collect<R extends Declared>(
  resource: R,
  schema: Schema,
  value: unknown,
  path: Path,
  found: MarkedValue<R>[],
): void {
  if (value === undefined) return;
  for (const one of matching(schema, value)) {
    const marks = marksOf(one);
    if (marks.reference ?? marks.expression ?? marks.jsonSchema ?? marks.url)
      found.push({ resource, path, value, marks });
    if (marks.freeForm || typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      const key = Array.isArray(value) ? Number(name) : name;
      for (const next of schemasBelow(one, key)) collect(resource, next, inner, [...path, key], found);
    }
  }
}

/**
 * The alternative of a schema that the value chose. Most differ in the type of the value;
 * only others have to be tried.
 */
function matching(schema: Schema, value: unknown): Schema[] {
  const fitting = alternatives(schema).filter(one => mayDescribe(one, value));
  return fitting.length <= 1 ? fitting : fitting.filter(one => z.safeParse(one, value).success).slice(0, 1);
}

function mayDescribe(schema: Schema, value: unknown): boolean {
  switch (schema._zod.def.type) {
    case 'object':
    case 'record':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'string':
    case 'enum':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    default:
      return true;
  }
}
