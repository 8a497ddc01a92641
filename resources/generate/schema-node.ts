// The form between a kind's schema and the generated files: JSON Schema of the documents that
// people write, with the marks beside it.
import * as z from 'zod';
import { type Marks, marksOf } from '../kinds/fields/marks.ts';

export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | SchemaNode;
  readonly propertyNames?: SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly marks?: Marks;
}

/** The node of `schema`, nested ones inline. */
export function toNode(schema: z.core.$ZodType): SchemaNode {
  const { $schema: _, ...node } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-07',
    reused: 'inline',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const marks = marksOf(zodSchema);
      if (Object.keys(marks).length > 0) Object.assign(jsonSchema, { marks });
      for (const bound of ['minimum', 'maximum'] as const) {
        // zod writes the bounds of a safe integer where there is none.
        if (Math.abs(jsonSchema[bound] ?? 0) === Number.MAX_SAFE_INTEGER) delete jsonSchema[bound];
      }
      if (isEmpty(jsonSchema.default)) delete jsonSchema.default;
    },
  });
  return node as SchemaNode;
}

/** `{}` and `[]` stand for "the defaults of the members" and "none": they would be noise. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isEmpty);
}
