// The number of partitions of a log: it can grow, never shrink, or events of one key
// would be found in two places.
import * as z from 'zod';
import { marksOf, withMarks } from '../fields/marks.ts';

const DEFAULT = 6;

export function partitions() {
  return z.int().min(1).max(1024).prefault(DEFAULT);
}

/** Refuses a change of `partitions` to fewer. Only the API server knows the old number. */
export function withGrowingPartitions<S extends z.ZodObject>(schema: S): S {
  const before = marksOf(schema);
  const rule = {
    message: 'partitions can only grow; to have fewer, make a new resource',
    cel: `${current('self')} >= ${current('oldSelf')}`,
  };
  return withMarks(schema, { ...before, rules: [...(before.rules ?? []), rule] });
}

function current(self: string): string {
  return `(has(${self}.partitions) ? ${self}.partitions : ${DEFAULT})`;
}
