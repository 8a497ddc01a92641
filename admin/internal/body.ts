// Checks the JSON body of one endpoint against its schema.
import type * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';

export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new TenfoldError('invalid-input', `The body is not as it must be. ${where}${issue?.message ?? ''}`);
}
