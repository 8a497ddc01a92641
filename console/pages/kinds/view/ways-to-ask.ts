// The ways in which a View can be asked for rows, by its resource, and the query of each.

export interface Field {
  /** In the address of the page; those of an index are `value1`, `value2` and so on. */
  readonly name: string;
  readonly label: string;
  readonly isNeeded?: boolean;
  readonly choices?: readonly string[];
  readonly hint?: string;
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

const MEMBER: Field = { ...KEY, label: 'Member' };
const AROUND: Field = { name: 'around', label: 'On either side', isNeeded: true, hint: '5' };

/** None for a manifest that is no View. */
export function waysToAsk(manifest: unknown): readonly WayToAsk[] {
  const spec = memberOf(manifest, 'spec');
  const table = memberOf(spec, 'table') ?? memberOf(spec, 'aggregate');
  if (table !== undefined) {
    const indexes = memberOf(table, 'indexes');
    const lists = Array.isArray(indexes) ? indexes.map(index => [index].flat().map(String)) : [];
    return [one('key', 'One row, by its key', KEY), ...lists.map(byIndex)];
  }
  if (memberOf(spec, 'ranking') !== undefined) {
    const top: Field = { name: 'top', label: 'How many', isNeeded: true, hint: '10' };
    return [
      list('top', 'The best', [top]),
      one('member', 'One member', MEMBER),
      list('around', 'A member among its neighbours', [MEMBER, AROUND]),
    ];
  }
  if (memberOf(spec, 'feed') !== undefined) {
    return [list('feed', 'The feed of an owner', [{ name: 'owner', label: 'Owner', isNeeded: true }, LIMIT])];
  }
  if (memberOf(spec, 'search') === undefined) return [];
  const fields: readonly Field[] = [
    { name: 'q', label: 'Words' },
    { name: 'filter', label: 'Filter', hint: 'field:value' },
    { name: 'sort', label: 'Order', hint: '-field' },
    LIMIT,
  ];
  return [list('search', 'Search', fields), one('document', 'One document, by its key', KEY)];
}

/** Undefined while a field that is needed is empty. Throws with words for people. */
export function toQuery({ fields, fixed }: WayToAsk, said: (name: string) => string): readonly Pair[] | undefined {
  if (fields.some(({ name, isNeeded }) => isNeeded && said(name) === '')) return undefined;
  const pairs: Pair[] = [...fixed];
  let missing: string | undefined;
  for (const { name, label } of fields) {
    const value = said(name);
    const isMember = name.startsWith('value');
    if (value === '') {
      if (isMember) missing ??= label;
      continue;
    }
    if (isMember && missing !== undefined)
      throw new Error(`Fill in "${missing}" first: an index is asked from its first member on.`);
    pairs.push([isMember ? 'value' : name, value]);
  }
  return pairs;
}

function byIndex(members: readonly string[]): WayToAsk {
  const values = members.map((member, index) => ({ name: `value${index + 1}`, label: member, hint: 'any' }));
  const bounds = ['From', 'To'].map(label => ({ name: label.toLowerCase(), label, hint: 'of the next member' }));
  const order: Field = { name: 'order', label: 'Order', choices: ['asc', 'desc'] };
  const name = members.join(',');
  return {
    ...list(`index:${name}`, `Rows by ${members.join(', ')}`, [...values, ...bounds, order, LIMIT]),
    fixed: [['index', name]],
  };
}

function one(id: string, label: string, field: Field): WayToAsk {
  return { id, label, fields: [field], fixed: [], isList: false };
}

function list(id: string, label: string, fields: readonly Field[]): WayToAsk {
  return { id, label, fields, fixed: [], isList: true };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
