// Whether a request wants to follow a View instead of one answer, and the question that is left.
import type { Call } from '../../exchange/target.ts';
import { fieldOf } from '../../http/fields.ts';
import { badQuery } from '../query-params.ts';

const LIVE = 'live';
const EVENT_STREAM = 'text/event-stream';

/** Returns the query without `live`; undefined for a request that wants one answer. */
export function followedQuery(
  { method, headers }: Pick<Call, 'method' | 'headers'>,
  search: string,
): string | undefined {
  if (method !== 'GET') return undefined;
  const isAsked = wantsEvents(headers);
  if (!isAsked && !search.includes(LIVE)) return undefined;
  const params = new URLSearchParams(search);
  const live = params.getAll(LIVE);
  if (live.length === 0) return isAsked ? search : undefined;
  const [value] = live;
  if (live.length > 1 || (value !== '' && value !== 'true')) throw badQuery('"live" has no value, or is true.');
  params.delete(LIVE);
  return params.toString();
}

export function wantsEvents(headers: readonly string[]): boolean {
  return fieldOf(headers, 'accept')?.toLowerCase().includes(EVENT_STREAM) === true;
}
