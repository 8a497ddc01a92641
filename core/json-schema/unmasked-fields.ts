// Finds the fields that a schema marks as sensitive: all of them, or those that another schema does
// not mark, so that events from before show them.
import { hasMarks, isSchema, SchemaPlaces, type Schemas, SENSITIVE } from './internal/marks.ts';

const MAX_UNMASKED = 20;
const MAX_SENSITIVE = 200;
/** Fields that are looked at, as a schema can refer to its parts in very many ways. */
const MAX_VISITS = 20_000;
/** Most items of a tuple that are told apart. */
const MAX_ITEMS = 20;
/** Fields inside each other; a schema that refers to itself is left sooner. */
const MAX_DEPTH = 32;

interface Both {
  readonly before: Schemas;
  readonly after: Schemas;
}

export interface SensitiveFields {
  /** Such as `customer.email` or `lines[].note`, or '' for all data. */
  readonly fields: readonly string[];
  /** False: there are more of them, or the schema is too wide to look at all of it. */
  readonly isWhole: boolean;
}

/** `schema`: one that compiles. */
export function sensitiveFields(schema: unknown): SensitiveFields {
  if (!hasMarks(schema)) return { fields: [], isWhole: true };
  return markedFields(schema, undefined, { found: MAX_SENSITIVE, visits: MAX_VISITS });
}

/** Gives at most 20 fields, such as `customer.email` or `lines[].note`, or '' for all data. */
export function unmaskedFields(before: unknown, after: unknown): readonly string[] {
  return markedFields(before, after, { found: MAX_UNMASKED, visits: Number.POSITIVE_INFINITY }).fields;
}

function markedFields(
  before: unknown,
  after: unknown,
  most: { readonly found: number; readonly visits: number },
): SensitiveFields {
  const [old, next] = [new SchemaPlaces(before), new SchemaPlaces(after)];
  const found = new Set<string>();
  let visits = 0;
  let isWhole = true;
  const visit = (at: Both, field: string, above: readonly Schemas[]) => {
    if (above.length > MAX_DEPTH || isMarked(at.after)) return;
    if ([...at.before].every(schema => above.some(each => each.has(schema)))) return;
    visits++;
    if (visits > most.visits || found.size >= most.found) {
      isWhole = false;
      return;
    }
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
  return { fields: [...found], isWhole };
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
  return Math.min(MAX_ITEMS, Math.max(0, ...lengths));
}
