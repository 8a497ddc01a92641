// JSON inside resources: literal values, values with templates in them, and JSON Schemas.
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as z from 'zod';
import { type ExpressionScope, withMarks } from './marks.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** Any JSON, taken literally. */
export function json() {
  return withMarks(
    z.custom<JsonValue>(value => isJson(value), 'This must be a JSON value.'),
    { freeForm: true, typeName: 'any JSON' },
  );
}

/** Any JSON; strings in it, at any depth, may hold `${…}`. */
export function templateValue(scope: ExpressionScope) {
  return withMarks(json(), { expression: { scope, result: 'any', form: 'value' }, typeName: 'JSON with expressions' });
}

/** A JSON Schema, 2020-12 unless `$schema` says draft-07. */
export function jsonSchema() {
  const schema = z
    .custom<JsonObject>(isObject, 'This must be a JSON Schema: an object.')
    .superRefine((value, context) => {
      const problem = schemaProblem(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', input: value, ...problem });
    });
  return withMarks(schema, { jsonSchema: true, freeForm: true, typeName: 'JSON Schema' });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value);
}

function isJson(value: unknown, depth = 0): boolean {
  if (depth > 64) return false;
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(item => isJson(item, depth + 1));
  return typeof value === 'object' && Object.values(value).every(item => isJson(item, depth + 1));
}

function schemaProblem(value: JsonObject): { path: string[]; message: string } | undefined {
  const draft7 = typeof value['$schema'] === 'string' && value['$schema'].includes('draft-07');
  const check = draft7 ? draft7Check() : draft2020Check();
  if (check(value)) return undefined;
  const first = check.errors?.[0];
  const parts = (first?.instancePath ?? '').split('/').slice(1);
  const path = parts.map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { path, message: `This is not a valid JSON Schema: it ${first?.message ?? 'does not match the draft'}.` };
}

// Compiling a meta-schema takes some 20 ms, so it waits until the first JSON Schema is met.
const draft7Check = lazy(() => new Ajv().getSchema('http://json-schema.org/draft-07/schema'));
const draft2020Check = lazy(() => new Ajv2020().getSchema('https://json-schema.org/draft/2020-12/schema'));

function lazy(make: () => ValidateFunction | undefined): () => ValidateFunction {
  let made: ValidateFunction | undefined;
  return () => {
    made ??= make();
    if (made === undefined) throw new Error('The JSON Schema library has no meta-schema.');
    return made;
  };
}
