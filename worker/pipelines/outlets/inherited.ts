// What an event that is made of another inherits of it: its trace, and one step more on the way.
import { inheritedHeaders } from '../../deliver/outlet.ts';
import type { Item } from '../flow/item.ts';

/** Throws `loop-detected`. */
export function inherited({ cause: { partition, record } }: Item): Record<string, string> {
  return inheritedHeaders({ partition, record, attempt: 1 });
}
