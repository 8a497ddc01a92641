// The query parameters `olderThan` and `newerThan` of lists.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { parseDuration } from '../../../core/units/duration.ts';

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.issues.push({ code: 'custom', input: text, message: 'This must be a duration such as 15m or 7d.' });
  return z.NEVER;
});

/** Members of a schema. */
export const ageFilter = { olderThan: duration.optional(), newerThan: duration.optional() };

export function toAges({
  olderThan,
  newerThan,
}: {
  readonly olderThan?: number | undefined;
  readonly newerThan?: number | undefined;
}): { readonly olderThanMs?: number; readonly newerThanMs?: number } {
  if (olderThan !== undefined && newerThan !== undefined && olderThan >= newerThan)
    throw new TenfoldError('bad-request', 'Nothing is older than olderThan and newer than newerThan.');
  return {
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    ...(newerThan === undefined ? {} : { newerThanMs: newerThan }),
  };
}
