// The ways in which a View can be asked for rows, by its resource, and the query of each.

export interface Field {
  /** In the address of the page; those of an index are `value1`, `value2` and so on. */
  readonly name: string;
  readonly label: string;
  readonly isNeeded?: boolean;
  readonly choices?: readonly string[];
  readonly hint?: string;
  /** Its lines are values of their own. */
  readonly hasLines?: boolean;
}

export interface WayToAsk {
  readonly id: string;
  readonly label: string;
  readonly fields: readonly Field[];
  /** Parameters that it always has. */
  readonly fixed: readonly Pair[];
  /** The answer is a list of rows. */
  readonly isList: boolean;
}

export type Pair = readonly [name: string, value: string];

const LIMIT: Field = { name: 'limit', label: 'Rows of a page', hint: '20' };
const KEY: Field = { name: 'key', label: 'Key', isNeeded: true };
const KEYS: Field = { name: 'keys', label: 'Keys, one on each line', isNeeded: true, hasLines: true };
const MEMBERS: Field = { name: 'fields', label: 'Members of the values', hint: 'all, or total,customer.name' };
/** The types of fields whose values a search counts. */
const FACETED: ReadonlySet<unknown> = new Set(['keyword', 'number', 'boolean']);

const MEMBER: Field = { ...KEY, label: 'Member' };
const AROUND: Field = { name: 'around', label: 'On either side', isNeeded: true, hint: '5' };

/** None for a manifest that is no View. */
export function waysToAsk(manifest: unknown): readonly WayToAsk[] {
  const spec = memberOf(manifest, 'spec');
  const table = memberOf(spec, 'table') ?? memberOf(spec, 'aggregate');
  if (table !== undefined) {
    const indexes = memberOf(table, 'indexes');
    const lists = Array.isArray(indexes) ? indexes.map(index => [index].flat().map(String)) : [];
    return [
      one('key', 'One row, by its key', KEY, MEMBERS),
      list('keys', 'Several rows, by their keys', [KEYS, MEMBERS]),
      ...lists.map(byIndex),
      ...lists.map(countByIndex),
    ];
  }
  const ranking = memberOf(spec, 'ranking');
  if (ranking !== undefined) {
    const values = memberOf(ranking, 'value') === undefined ? [] : [MEMBERS];
    const top: Field = { name: 'top', label: 'How many', isNeeded: true, hint: '10' };
    return [
      list('top', 'The best', [top, ...values]),
      one('member', 'One member', MEMBER, ...values),
      list('around', 'A member among its neighbours', [MEMBER, AROUND, ...values]),
    ];
  }
  if (memberOf(spec, 'feed') !== undefined) {
    return [list('feed', 'The feed of an owner', [{ name: 'owner', label: 'Owner', isNeeded: true }, MEMBERS, LIMIT])];
  }
  const search = memberOf(spec, 'search');
  if (search === undefined) return [];
  const faceted = facetedOf(memberOf(search, 'fields'));
  const fields: readonly Field[] = [
    { name: 'q', label: 'Words' },
    { name: 'filter', label: 'Filter', hint: 'field:value' },
    { name: 'sort', label: 'Order', hint: '-field' },
    ...(faceted === '' ? [] : [{ name: 'facets', label: 'Count the values of', hint: faceted }]),
    MEMBERS,
    LIMIT,
  ];
  return [list('search', 'Search', fields), one('document', 'One document, by its key', KEY, MEMBERS)];
}

/** Undefined while a field that is needed is empty. Throws with words for people. */
export function toQuery({ fields, fixed }: WayToAsk, said: (name: string) => string): readonly Pair[] | undefined {
  if (fields.some(({ name, isNeeded }) => isNeeded && said(name) === '')) return undefined;
  const pairs: Pair[] = [...fixed];
  let missing: string | undefined;
  for (const { name, label, hasLines = false } of fields) {
    const value = said(name);
    const isMember = name.startsWith('value');
    if (value === '') {
      if (isMember) missing ??= label;
      continue;
    }
    if (hasLines) {
      const lines = value.split('\n').map(line => line.trim());
      pairs.push(...lines.filter(line => line !== '').map(line => [name, line] as const));
      continue;
    }
    if (isMember && missing !== undefined)
      throw new Error(`Fill in "${missing}" first: an index is asked from its first member on.`);
    pairs.push([isMember ? 'value' : name, value]);
  }
  return pairs;
}

/** Names with commas between. */
function facetedOf(fields: unknown): string {
  if (typeof fields !== 'object' || fields === null) return '';
  return Object.entries(fields)
    .filter(([, field]) => FACETED.has(memberOf(field, 'type')))
    .map(([name]) => name)
    .join(',');
}

function byIndex(members: readonly string[]): WayToAsk {
  const order: Field = { name: 'order', label: 'Order', choices: ['asc', 'desc'] };
  const name = members.join(',');
  return {
    ...list(`index:${name}`, `Rows by ${members.join(', ')}`, [...rangeOf(members), order, MEMBERS, LIMIT]),
    fixed: [['index', name]],
  };
}

function countByIndex(members: readonly string[]): WayToAsk {
  const name = members.join(',');
  return {
    id: `count:${name}`,
    label: `How many rows by ${members.join(', ')}`,
    fields: rangeOf(members),
    fixed: [
      ['index', name],
      ['count', 'true'],
    ],
    isList: false,
  };
}

function rangeOf(members: readonly string[]): readonly Field[] {
  const values = members.map((member, index) => ({ name: `value${index + 1}`, label: member, hint: 'any' }));
  const bounds = ['From', 'To'].map(label => ({ name: label.toLowerCase(), label, hint: 'of the next member' }));
  return [...values, ...bounds];
}

function one(id: string, label: string, ...fields: readonly Field[]): WayToAsk {
  return { id, label, fields, fixed: [], isList: false };
}

function list(id: string, label: string, fields: readonly Field[]): WayToAsk {
  return { id, label, fields, fixed: [], isList: true };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
