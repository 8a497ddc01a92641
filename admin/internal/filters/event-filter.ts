// The filters by which commands and operations select dead letters and parked events. An empty one
// would select everything: it is refused.
import * as z from 'zod';
import { ageFilter } from './age-filter.ts';

/** A caller's variable that is not set is the usual reason. */
const EMPTY = 'This is empty, and would select everything. Leave it out, or see whether a variable is set.';

const filled = (most: number) => z.string().max(most).regex(/\S/, EMPTY).optional();

/** Members of a schema. An empty key selects the events whose key is empty. */
export const parkedFilter = {
  key: z.string().max(4096).optional(),
  reason: filled(64),
  text: filled(1000),
  ...ageFilter,
};

/** `group`: the id of a group of dead letters. */
export const letterFilter = { ...parkedFilter, group: filled(64) };
