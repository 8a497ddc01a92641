// Finds the marked fields of a document: every expression, reference and JSON Schema in it, with its path.
import type * as z from 'zod';
import { type Marks, marksOf } from './shared/marks.ts';

export interface MarkedField {
  readonly path: readonly (string | number)[];
  /** As written. */
  readonly value: unknown;
  readonly marks: Marks;
}

/** Walks `value`, as written, along `schema`. Fields that are not there, and values of a wrong shape, are passed over. */
export function* findMarks(
  schema: z.core.$ZodType,
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<MarkedField> {
  if (value === undefined || value === null) return;
  const marks = marksOf(schema);
  if (Object.keys(marks).length > 0) yield { path, value, marks };
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'object':
      if (isRecord(value)) {
        for (const [name, member] of Object.entries(def.shape)) {
          if (Object.hasOwn(value, name)) yield* findMarks(member, value[name], [...path, name]);
        }
      }
      return;
    case 'record':
      if (isRecord(value)) {
        for (const [name, member] of Object.entries(value)) yield* findMarks(def.valueType, member, [...path, name]);
      }
      return;
    case 'array':
      if (Array.isArray(value)) {
        for (const [index, item] of value.entries()) yield* findMarks(def.element, item, [...path, index]);
      }
      return;
    case 'union':
      for (const option of def.options) {
        if (takes(option, value)) return yield* findMarks(option, value, path);
      }
      return;
    case 'pipe':
      return yield* findMarks(def.in, value, path);
    case 'optional':
    case 'prefault':
    case 'default':
      return yield* findMarks(def.innerType, value, path);
    default:
      return;
  }
}

/** Whether the outermost shape fits; that is enough to tell the alternatives of our unions apart. */
function takes(schema: z.core.$ZodType, value: unknown): boolean {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'object':
      return isRecord(value);
    case 'array':
      return Array.isArray(value);
    case 'pipe':
      return takes(def.in, value);
    case 'number':
      return typeof value === 'number';
    default:
      return typeof value === 'string';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
