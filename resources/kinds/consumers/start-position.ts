// The position at which a consumer without a stored position begins to read.
import * as z from 'zod';
import { withMarks } from '../fields/marks.ts';

const FROM_WRONG = 'This must be latest, earliest, or a time such as 2026-01-01T00:00:00Z.';

export function startPosition() {
  const schema = z
    .string(FROM_WRONG)
    .max(40, FROM_WRONG)
    .regex(/^(latest|earliest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z)$/, FROM_WRONG)
    .refine(text => text === 'latest' || text === 'earliest' || !Number.isNaN(Date.parse(text)), FROM_WRONG);
  return withMarks(schema, { typeName: 'latest, earliest or time' });
}
