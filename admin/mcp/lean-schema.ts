// The schema of the input of a tool as clients see it. It leaves out limits of length, which cost
// tokens and help no model; the tool checks them, and its error names them.
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import * as z from 'zod';

const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['$schema', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum'],
  ...['propertyNames', 'pattern', 'format'],
]);

export function leanSchema(schema: z.ZodType): StandardSchemaWithJSON {
  const { validate } = schema['~standard'];
  const shown = () => lean(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })) as Record<string, unknown>;
  return { '~standard': { version: 1, vendor: 'tenfold', validate, jsonSchema: { input: shown, output: shown } } };
}

function lean(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lean);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([word, value]) => {
      if (LEFT_OUT.has(word)) return [];
      // Its members are names of our own.
      if (word === 'properties') return [[word, Object.fromEntries(Object.entries(value).map(leanOne))]];
      return [[word, lean(value)]];
    }),
  );
}

function leanOne([name, schema]: [string, unknown]): [string, unknown] {
  return [name, lean(schema)];
}
