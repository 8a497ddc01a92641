// Lists whose items have names, each once: the key by which a cluster merges them.
import * as z from 'zod';
import { withMarks } from './marks.ts';

/** `wrong` is the message for a name that occurs twice. */
export function listByName<Item extends z.ZodType<{ readonly name: string }>>(
  item: Item,
  wrong: (name: string) => string,
) {
  const unique = z
    .array(item)
    .max(128)
    .superRefine((items, context) => {
      for (const [index, { name }] of items.entries()) {
        if (items.findIndex(other => other.name === name) === index) continue;
        context.addIssue({ code: 'custom', input: name, path: [index, 'name'], message: wrong(name) });
      }
    });
  return withMarks(unique, { listKey: 'name' });
}
