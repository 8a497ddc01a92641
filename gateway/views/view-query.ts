// A query to a View: read from the request's query, and refused where the View has no answer to
// such a one.
import type { Resource } from '../../resources/resource.ts';
import { readChosenFields } from './chosen-fields.ts';
import { badQuery, filled, noCursor, readLimit } from './query-params.ts';
import { askRows, ROWS, type RowsQuestion } from './rows-query.ts';
import { askSearch, SEARCH, type SearchQuestion } from './search-query.ts';

/** Position of an event: its publisher gets it, and a reader may wait for it. */
export interface EventPosition {
  /** Name of the Topic. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export type ViewQuery = { readonly waitFor: readonly EventPosition[] } & ViewQuestion;

export type ViewQuestion = { readonly fields?: readonly string[] } & (
  | RowsQuestion
  | { readonly kind: 'member'; readonly key: string }
  | SearchQuestion
  | { readonly kind: 'around'; readonly key: string; readonly around: number }
  | { readonly kind: 'top'; readonly limit: number }
  | { readonly kind: 'feed'; readonly owner: string; readonly limit: number; readonly after: string | undefined }
);

type Spec = Resource<'View'>['spec'];

const MAX_TEXT = 1024;
/** Cursors have no such sign. */
const POSITION = /^([a-z0-9.-]{1,200})@(\d{1,7}):(\d{1,16})$/;

/** `search`: with or without `?`. */
export function readViewQuery({ spec }: Resource<'View'>, search: string): ViewQuery {
  const params = new URLSearchParams(search);
  const { known: own, ask } = shapeOf(spec);
  const known = [...own, 'fields'];
  for (const [name, value] of params) {
    if (!known.includes(name)) throw badQuery(`This View is not asked by "${name}"; there are ${known.join(', ')}.`);
    if (value.length > MAX_TEXT && name !== 'after') throw badQuery(`"${name}" has more than ${MAX_TEXT} characters.`);
    if (!REPEATED.includes(name) && params.getAll(name).length > 1) throw badQuery(`"${name}" is there twice.`);
  }
  const { waitFor, after } = readAfter(params.getAll('after'));
  const question = ask(spec, params, after);
  const fields = readChosenFields(params.get('fields'));
  if (fields === undefined) return { ...question, waitFor };
  if (!hasValues(spec, question)) throw badQuery('"fields" chooses members of values, and the answer has none.');
  return { ...question, fields, waitFor };
}

function hasValues({ ranking }: Spec, { kind }: ViewQuestion): boolean {
  return kind !== 'count' && kind !== 'suggest' && (ranking === undefined || ranking.value !== undefined);
}

function shapeOf(spec: Spec) {
  if (spec.table || spec.aggregate) return { known: ROWS, ask: askRows };
  if (spec.ranking) return { known: RANKING, ask: askRanking };
  return spec.search ? { known: SEARCH, ask: askSearch } : { known: FEED, ask: askFeed };
}

const REPEATED = ['keys', 'value', 'after', 'filter', 'sort'];
const RANKING = ['top', 'key', 'around', 'after'];
const FEED = ['owner', 'limit', 'after'];

function askRanking(spec: Spec, params: URLSearchParams, after: string | undefined): ViewQuestion {
  const key = params.get('key');
  const top = params.get('top');
  if ((key === null) === (top === null)) {
    throw badQuery('A View with a ranking is asked for ?top=… or for ?key=…; one of both is needed.');
  }
  noCursor(after);
  const around = params.get('around');
  if (key === null && around !== null)
    throw badQuery('"around" goes with "key", the member whose neighbours it shows.');
  if (key !== null && around !== null) {
    return { kind: 'around', key: filled('key', key), around: readAround(around, spec.query.maxLimit) };
  }
  if (key !== null) return { kind: 'member', key: filled('key', key) };
  const most = Math.min(spec.query.maxLimit, spec.ranking?.limit ?? spec.query.maxLimit);
  return { kind: 'top', limit: readLimit('top', top, most) };
}

/** The answer has so many on either side of the member. */
function readAround(text: string, maxLimit: number): number {
  const most = Math.floor((maxLimit - 1) / 2);
  const around = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (around >= 0 && around <= most) return around;
  throw badQuery(
    `"around" is a whole number from 0 to ${most}, for so many on either side of the member; "query.maxLimit" of the View bounds it.`,
  );
}

function askFeed(spec: Spec, params: URLSearchParams, after: string | undefined): ViewQuestion {
  const owner = params.get('owner');
  if (owner === null) throw badQuery('A View with feeds is asked for ?owner=….');
  const limit = readLimit('limit', params.get('limit'), spec.query.maxLimit);
  return { kind: 'feed', owner: filled('owner', owner), limit, after };
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
