// Finds the fields that one schema marks as sensitive, and another one does not: events from before
// show them then.
import { isSchema, SchemaPlaces, type Schemas, SENSITIVE } from './internal/marks.ts';

const MAX_FOUND = 20;
/** Fields inside each other; a schema that refers to itself is left sooner. */
const MAX_DEPTH = 32;

interface Both {
  readonly before: Schemas;
  readonly after: Schemas;
}

/** Gives at most 20 fields, such as `customer.email` or `lines[].note`, or '' for all data. */
export function unmaskedFields(before: unknown, after: unknown): readonly string[] {
  const [old, next] = [new SchemaPlaces(before), new SchemaPlaces(after)];
  const found = new Set<string>();
  const visit = (at: Both, field: string, above: readonly Schemas[]) => {
    if (above.length > MAX_DEPTH || found.size >= MAX_FOUND || isMarked(at.after)) return;
    if ([...at.before].every(schema => above.some(each => each.has(schema)))) return;
    if (isMarked(at.before)) {
      found.add(field);
      return;
    }
    const here = [...above, at.before];
    for (const name of namesIn(at.before)) {
      const inside = { before: old.ofMember(at.before, name), after: next.ofMember(at.after, name) };
      visit(inside, field === '' ? name : `${field}.${name}`, here);
    }
    for (let index = 0; index <= longestTuple(at.before); index++) {
      const inside = { before: old.ofItem(at.before, index), after: next.ofItem(at.after, index) };
      visit(inside, `${field}[]`, here);
    }
  };
  visit({ before: old.top, after: next.top }, '', []);
  return [...found];
}

function isMarked(schemas: Schemas): boolean {
  return [...schemas].some(schema => schema[SENSITIVE] === true);
}

/** `*` stands for a member that the schema does not name. */
function namesIn(schemas: Schemas): Set<string> {
  const names = [...schemas].flatMap(({ properties }) => (isSchema(properties) ? Object.keys(properties) : []));
  return new Set([...names, '*']);
}

/** Items behind those of a tuple are all alike. */
function longestTuple(schemas: Schemas): number {
  const lengths = [...schemas].flatMap(({ prefixItems, items }) =>
    [prefixItems, items].map(list => (Array.isArray(list) ? list.length : 0)),
  );
  return Math.min(MAX_FOUND, Math.max(0, ...lengths));
}
