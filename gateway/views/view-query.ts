// A query to a View: read from the request's query, and refused where the View has no answer to
// such a one.
import { counted } from '../../core/units/counted.ts';
import { indexNameOf } from '../../core/views/view-layout.ts';
import type { Value } from '../../drivers/store/values.ts';
import type { Resource } from '../../resources/resource.ts';
import { badQuery, filled, noCursor, plainText, readLimit } from './query-params.ts';
import { askSearch, SEARCH, type SearchQuestion } from './search-query.ts';

/** Position of an event: its publisher gets it, and a reader may wait for it. */
export interface EventPosition {
  /** Name of the Topic. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export type ViewQuery = { readonly waitFor: readonly EventPosition[] } & ViewQuestion;

export type ViewQuestion =
  | { readonly kind: 'row' | 'member'; readonly key: string }
  | {
      readonly kind: 'rows';
      readonly index: string;
      /**
       * The first values of the rows in the index; one list for each way in which the texts of the
       * query can be meant.
       */
      readonly prefixes: readonly (readonly Value[])[];
      readonly limit: number;
      readonly reverse: boolean;
      readonly after: string | undefined;
    }
  | SearchQuestion
  | { readonly kind: 'top'; readonly limit: number }
  | { readonly kind: 'feed'; readonly owner: string; readonly limit: number; readonly after: string | undefined };

type Spec = Resource<'View'>['spec'];

const MAX_TEXT = 1024;
/** Cursors have no such sign. */
const POSITION = /^([a-z0-9.-]{1,200})@(\d{1,7}):(\d{1,16})$/;

/** `search`: with or without `?`. */
export function readViewQuery({ spec }: Resource<'View'>, search: string): ViewQuery {
  const params = new URLSearchParams(search);
  const { known, ask } = shapeOf(spec);
  for (const [name, value] of params) {
    if (!known.includes(name)) throw badQuery(`This View is not asked by "${name}"; there are ${known.join(', ')}.`);
    if (value.length > MAX_TEXT && name !== 'after') throw badQuery(`"${name}" has more than ${MAX_TEXT} characters.`);
    if (!REPEATED.includes(name) && params.getAll(name).length > 1) throw badQuery(`"${name}" is there twice.`);
  }
  const { waitFor, after } = readAfter(params.getAll('after'));
  return { ...ask(spec, params, after), waitFor };
}

function shapeOf(spec: Spec) {
  if (spec.table || spec.aggregate) return { known: ROWS, ask: askRows };
  if (spec.ranking) return { known: RANKING, ask: askRanking };
  return spec.search ? { known: SEARCH, ask: askSearch } : { known: FEED, ask: askFeed };
}

const REPEATED = ['value', 'after', 'filter', 'sort'];
const ROWS = ['key', 'index', 'value', 'order', 'limit', 'after'];
const RANKING = ['top', 'key', 'after'];
const FEED = ['owner', 'limit', 'after'];

function askRows(spec: Spec, params: URLSearchParams, after: string | undefined): ViewQuestion {
  const key = params.get('key');
  const index = params.get('index');
  if ((key === null) === (index === null)) {
    const shape = spec.table ? 'a table' : 'an aggregate';
    throw badQuery(`A View with ${shape} is asked for ?key=… or for ?index=…&value=…; one of both is needed.`);
  }
  if (key !== null) {
    for (const name of ['value', 'order', 'limit'])
      if (params.has(name)) throw badQuery(`"${name}" goes with "index".`);
    noCursor(after);
    return { kind: 'row', key: filled('key', key) };
  }
  const indexes = (spec.table ?? spec.aggregate)?.indexes ?? [];
  const members = indexes.find(each => indexNameOf(each) === index);
  if (members === undefined) {
    const there = indexes.length === 0 ? 'It has none.' : `It has ${indexes.map(indexNameOf).join(' and ')}.`;
    throw badQuery(`The View has no such index. ${there}`);
  }
  const values = params.getAll('value').map(value => plainText('value', value));
  const most = [members].flat().length;
  if (values.length > most) throw badQuery(`The index takes at most ${counted(most, 'value')}.`);
  return {
    kind: 'rows',
    index: indexNameOf(members),
    prefixes: waysToMean(values),
    limit: readLimit('limit', params.get('limit'), spec.query.maxLimit),
    reverse: readOrder(params.get('order')),
    after,
  };
}

function askRanking(spec: Spec, params: URLSearchParams, after: string | undefined): ViewQuestion {
  const key = params.get('key');
  const top = params.get('top');
  if ((key === null) === (top === null)) {
    throw badQuery('A View with a ranking is asked for ?top=… or for ?key=…; one of both is needed.');
  }
  noCursor(after);
  if (key !== null) return { kind: 'member', key: filled('key', key) };
  const most = Math.min(spec.query.maxLimit, spec.ranking?.limit ?? spec.query.maxLimit);
  return { kind: 'top', limit: readLimit('top', top, most) };
}

function askFeed(spec: Spec, params: URLSearchParams, after: string | undefined): ViewQuestion {
  const owner = params.get('owner');
  if (owner === null) throw badQuery('A View with feeds is asked for ?owner=….');
  const limit = readLimit('limit', params.get('limit'), spec.query.maxLimit);
  return { kind: 'feed', owner: filled('owner', owner), limit, after };
}

/** In a query all is text: `17` and `true` are looked for as what they seem to be, and as texts. */
function waysToMean(values: readonly string[]): Value[][] {
  let ways: Value[][] = [[]];
  for (const text of values) {
    const meanings = [...scalarOf(text), text];
    ways = ways.flatMap(way => meanings.map(meaning => [...way, meaning]));
  }
  return ways;
}

function scalarOf(text: string): Value[] {
  if (text === 'null') return [null];
  if (text === 'true') return [true];
  if (text === 'false') return [false];
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return [];
  const number = Number(text);
  return Number.isFinite(number) ? [number] : [];
}

function readAfter(texts: readonly string[]): { waitFor: EventPosition[]; after: string | undefined } {
  const waitFor: EventPosition[] = [];
  let cursor: string | undefined;
  for (const text of texts.flatMap(each => each.split(','))) {
    const [, topic, partition, offset] = POSITION.exec(text) ?? [];
    if (topic !== undefined) {
      waitFor.push({ topic, partition: Number(partition), offset: Number(offset) });
      continue;
    }
    if (text.includes('@')) throw badQuery('The position of an event is written topic@partition:offset.');
    if (text === '') throw badQuery('"after" is empty.');
    if (cursor !== undefined) throw badQuery('There is one place to go on from, and "after" has two.');
    cursor = text;
  }
  return { waitFor, after: cursor };
}

function readOrder(text: string | null): boolean {
  if (text === null || text === 'asc') return false;
  if (text === 'desc') return true;
  throw badQuery('"order" is asc or desc.');
}
