// A time in the query of a request.
import * as z from 'zod';
import { parseTimestamp } from '../../../core/world.ts';

/** RFC 3339, parsed to milliseconds since 1970. */
export const time = z
  .string()
  .transform((said, context) => {
    const at = parseTimestamp(said);
    if (at !== undefined) return at;
    context.issues.push({ code: 'custom', input: said, message: 'This must be a time such as 2026-11-24T08:00:00Z.' });
    return z.NEVER;
  })
  .optional();
