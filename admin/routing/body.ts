// Checks the JSON body of one endpoint, or its query parameters, against a schema.
import type * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';

export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return parse(schema, body, 'The body is');
}

export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  return parse(schema, query, 'The query parameters are');
}

function parse<T>(schema: z.ZodType<T>, given: unknown, subject: string): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new TenfoldError('invalid-input', `${subject} not valid here. ${where}${issue?.message ?? ''}`);
}
