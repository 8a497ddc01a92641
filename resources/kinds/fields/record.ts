// Objects whose member names are chosen by the user, bounded so that every check of them is.
import * as z from 'zod';
import { withMarks } from './marks.ts';

export function recordOf<K extends z.ZodType<string, string>, V extends z.ZodType>(keys: K, values: V, max: number) {
  const bounded = z
    .record(keys, values)
    .refine(record => Object.keys(record).length <= max, `There may be at most ${max} entries here.`);
  return withMarks(bounded, { maxProperties: max });
}
