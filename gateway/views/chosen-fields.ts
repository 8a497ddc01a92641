// The members of the values that a reader of a View chooses (`fields=a,b.c`), and the values with
// these alone.
import { badQuery } from './query-params.ts';

const MAX_FIELDS = 32;

/** Names of members, by the names of the objects that they are in. `undefined`: all of it. */
interface Chosen {
  [name: string]: Chosen | undefined;
}

/** Undefined where all are wanted. */
export function readChosenFields(text: string | null): readonly string[] | undefined {
  if (text === null) return undefined;
  const fields = text.split(',');
  if (fields.length > MAX_FIELDS)
    throw badQuery(`"fields" has ${fields.length} names, and ${MAX_FIELDS} are allowed. Choose an object as a whole.`);
  for (const field of fields) {
    if (field.split('.').includes(''))
      throw badQuery(
        `"fields" has names of members, such as total,customer.name, and ${JSON.stringify(field)} is none.`,
      );
    const whole = fields.find(other => other !== field && field.startsWith(`${other}.`));
    if (whole !== undefined) throw badQuery(`"fields" has ${whole}, and ${field} is a part of it. Leave one out.`);
  }
  if (new Set(fields).size < fields.length) throw badQuery('"fields" has a name twice.');
  return fields;
}

/** Gives what it is given where all are wanted. Members that are not there are left out. */
export function createFieldChooser(fields: readonly string[] | undefined): (value: unknown) => unknown {
  if (fields === undefined) return value => value;
  const chosen: Chosen = Object.create(null);
  for (const field of fields) {
    const path = field.split('.');
    const last = path.pop() ?? '';
    let within = chosen;
    for (const name of path) within = within[name] ??= Object.create(null) as Chosen;
    within[last] = undefined;
  }
  return value => choose(value, chosen);
}

/** A list has the chosen members of each of its objects. */
function choose(value: unknown, chosen: Chosen): unknown {
  if (Array.isArray(value)) return value.map(each => choose(each, chosen));
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).flatMap(([name, member]) => {
    if (!(name in chosen)) return [];
    const within = chosen[name];
    return [[name, within === undefined ? member : choose(member, within)] as const];
  });
  return Object.fromEntries(entries);
}
