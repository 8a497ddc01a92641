// A query for the rows of a table or an aggregate: by key, by several keys, by an index with a
// range, or how many rows an index has there.
import { counted } from '../../core/units/counted.ts';
import { indexNameOf } from '../../core/views/view-layout.ts';
import type { RowSet } from '../../drivers/store/tables.ts';
import type { Value } from '../../drivers/store/values.ts';
import type { Resource } from '../../resources/resource.ts';
import { badQuery, filled, noCursor, plainText, readLimit } from './query-params.ts';

/** Bounds of the value behind the prefix; `toSortKey` orders values of all types. */
export type ValueRange = Required<Pick<RowSet, 'from' | 'to'>>;

export interface IndexRows {
  readonly index: string;
  /**
   * The first values of the rows in the index; one list for each way in which the texts of the
   * query can be meant.
   */
  readonly prefixes: readonly (readonly Value[])[];
  /** Likewise. Without it all that begin with the prefix. */
  readonly ranges?: readonly ValueRange[];
}

export interface RowsQuery extends IndexRows {
  readonly limit: number;
  readonly reverse: boolean;
  readonly after: string | undefined;
}

export type RowsQuestion =
  | { readonly kind: 'row'; readonly key: string }
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | ({ readonly kind: 'rows' } & RowsQuery)
  | ({ readonly kind: 'count' } & IndexRows);

type Spec = Resource<'View'>['spec'];

/** Names of the parameters. */
export const ROWS = ['key', 'keys', 'index', 'value', 'from', 'to', 'order', 'limit', 'count', 'after'];
const ABOUT_INDEX = ['value', 'from', 'to', 'order', 'limit', 'count'];

export function askRows(spec: Spec, params: URLSearchParams, after: string | undefined): RowsQuestion {
  if (['key', 'keys', 'index'].filter(name => params.has(name)).length !== 1) {
    const shape = spec.table ? 'a table' : 'an aggregate';
    throw badQuery(
      `A View with ${shape} is asked for ?key=…, for ?keys=…&keys=… or for ?index=…&value=…; one of these is needed.`,
    );
  }
  if (params.has('index')) return askIndex(spec, params, after);
  for (const name of ABOUT_INDEX) if (params.has(name)) throw badQuery(`"${name}" goes with "index".`);
  noCursor(after);
  if (params.has('keys')) return { kind: 'keys', keys: readKeys(params.getAll('keys'), spec.query.maxLimit) };
  return { kind: 'row', key: filled('key', params.get('key') ?? '') };
}

function readKeys(keys: readonly string[], most: number): readonly string[] {
  if (keys.length > most) {
    throw badQuery(
      `"keys" is there ${keys.length} times, and ${most} are allowed; "query.maxLimit" of the View bounds it. Ask for the others in another query.`,
    );
  }
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(filled('keys', key))) throw badQuery(`"keys" has ${JSON.stringify(key)} twice.`);
    seen.add(key);
  }
  return keys;
}

function askIndex(spec: Spec, params: URLSearchParams, after: string | undefined): RowsQuestion {
  const asked = params.get('index');
  const indexes = (spec.table ?? spec.aggregate)?.indexes ?? [];
  const members = indexes.find(each => indexNameOf(each) === asked);
  if (members === undefined) {
    const there = indexes.length === 0 ? 'It has none.' : `It has ${indexes.map(indexNameOf).join(' and ')}.`;
    throw badQuery(`The View has no such index. ${there}`);
  }
  const values = params.getAll('value').map(value => plainText('value', value));
  const most = [members].flat().length;
  if (values.length > most) throw badQuery(`The index takes at most ${counted(most, 'value')}.`);
  const ranges = readRanges(params, values.length < most);
  const rows: IndexRows = { index: indexNameOf(members), prefixes: waysToMean(values), ...(ranges && { ranges }) };
  if (params.has('count')) {
    if (params.get('count') !== 'true') throw badQuery('"count" is true, or is left out.');
    for (const name of ['order', 'limit']) if (params.has(name)) throw badQuery(`"${name}" does not go with "count".`);
    noCursor(after);
    return { kind: 'count', ...rows };
  }
  return {
    kind: 'rows',
    ...rows,
    limit: readLimit('limit', params.get('limit'), spec.query.maxLimit),
    reverse: readOrder(params.get('order')),
    after,
  };
}

/** Undefined where none is asked for. Bounds belong to it. */
function readRanges(params: URLSearchParams, hasMember: boolean): readonly ValueRange[] | undefined {
  const [from, to] = ['from', 'to'].map(name => {
    const text = params.get(name);
    return text === null ? undefined : plainText(name, filled(name, text));
  });
  if (from === undefined && to === undefined) return undefined;
  if (!hasMember) {
    throw badQuery(
      '"from" and "to" bound the member of the index behind the last "value", and there is none. Leave out a "value", or take a longer index.',
    );
  }
  const lowers = from === undefined ? [undefined] : meaningsOf(from);
  const uppers = to === undefined ? [undefined] : meaningsOf(to);
  const pairs = lowers.flatMap(lower => uppers.map(upper => withBoth(lower, upper)));
  const ranges = pairs.filter(([lower, upper]) => upper === undefined || isRangeOfOneType(lower, upper));
  if (ranges.length === 0) throw badQuery(`"from" begins behind "to", or is of another type: ${from} and ${to}.`);
  return ranges.map(([lower, upper]) => ({
    from: { value: lower, inclusive: true },
    to: upper === undefined ? undefined : { value: upper, inclusive: true },
  }));
}

type ValueKind = 'null' | 'boolean' | 'number' | 'text';

/** A range has values of one type. Nothing follows texts, of which there is no last one. */
const LEAST: Readonly<Record<ValueKind, Value>> = {
  null: null,
  boolean: false,
  number: Number.NEGATIVE_INFINITY,
  text: '',
};
const MOST: Readonly<Record<ValueKind, Value | undefined>> = {
  null: null,
  boolean: true,
  number: Number.POSITIVE_INFINITY,
  text: undefined,
};

function kindOf(value: Value): ValueKind {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'number' ? 'number' : 'text';
}

/** A bound that is left out is the least or the most of the type of the other. */
function withBoth(lower: Value | undefined, upper: Value | undefined): readonly [Value, Value | undefined] {
  if (lower === undefined) return [LEAST[kindOf(upper ?? null)], upper];
  return [lower, upper === undefined ? MOST[kindOf(lower)] : upper];
}

function isRangeOfOneType(lower: Value, upper: Value): boolean {
  if (kindOf(lower) !== kindOf(upper)) return false;
  if (typeof lower === 'string') return Buffer.compare(Buffer.from(lower), Buffer.from(String(upper))) <= 0;
  return Number(lower) <= Number(upper);
}

/** In a query all is text: `17` and `true` are looked for as what they seem to be, and as texts. */
function waysToMean(values: readonly string[]): Value[][] {
  let ways: Value[][] = [[]];
  for (const text of values) {
    const meanings = meaningsOf(text);
    ways = ways.flatMap(way => meanings.map(meaning => [...way, meaning]));
  }
  return ways;
}

function meaningsOf(text = ''): Value[] {
  return [...scalarOf(text), text];
}

function scalarOf(text: string): Value[] {
  if (text === 'null') return [null];
  if (text === 'true') return [true];
  if (text === 'false') return [false];
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return [];
  const number = Number(text);
  return Number.isFinite(number) ? [number] : [];
}

function readOrder(text: string | null): boolean {
  if (text === null || text === 'asc') return false;
  if (text === 'desc') return true;
  throw badQuery('"order" is asc or desc.');
}
