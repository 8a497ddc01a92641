// How the events of one consumer share its calls: by tenant, customer or any other value.
import * as z from 'zod';
import { expression } from '../fields/expression.ts';

export function share() {
  return z.strictObject({
    by: expression('event', 'string').describe(
      'The share of an event, such as "${event.data.tenant}". Events for which it gives null, nothing or more than 256 characters, or fails, have one share together.',
    ),
    weight: expression('event', 'number')
      .optional()
      .describe(
        'Events that a share has for each one of a share with weight 1, while both wait. It counts from 0.001 to 1000. The weight is 1 without it, where it fails, and where it is not above 0.',
      ),
    max: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Events of one share in flight at the same time in one worker. Without it there is no limit.'),
  });
}
