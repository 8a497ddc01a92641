// Finds dead letters in an index: a page in the order in which they were given up, all in the order
// of the log, or how many there are of each cause.
import { TenfoldError } from '../../../core/errors.ts';
import type { LetterGroup, LetterIndex } from './letter-index.ts';
import type { LetterColumns, LetterPlace } from './letter-table.ts';

export interface LetterFilter {
  readonly key?: string | undefined;
  readonly reason?: string | undefined;
  readonly held?: boolean | undefined;
  /** Shortest time since they were given up, milliseconds. */
  readonly olderThanMs?: number | undefined;
  /** Longest time since then. */
  readonly newerThanMs?: number | undefined;
  /** Id of the group of their cause. */
  readonly group?: string | undefined;
  /** Part of the text of their group, in any case of letters. */
  readonly text?: string | undefined;
}

export interface GroupCount extends LetterGroup {
  readonly count: number;
  /** When the first and the last of them were given up, milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  readonly newest: LetterPlace;
}

export interface Places {
  readonly places: readonly LetterPlace[];
  /** The value of `after` for the next page. */
  readonly next: string | undefined;
}

export function pageOf(
  { table, groups }: LetterIndex,
  filter: LetterFilter,
  { limit, after, now }: { readonly limit: number; readonly after: string | undefined; readonly now: number },
): Places {
  const wanted = toTest(groups, filter, now);
  const start = after === undefined ? undefined : parsePlace(after);
  // One beyond the page tells that there are more.
  const found: Place[] = [];
  const { ats, partitions, offsets } = table.columns;
  for (const row of table.rows(wanted)) {
    const place = { row, at: ats[row] ?? 0, partition: partitions[row] ?? 0, offset: offsets[row] ?? 0 };
    const last = found.at(-1);
    if (start !== undefined && byPlace(place, start) <= 0) continue;
    if (found.length > limit && last && byPlace(place, last) > 0) continue;
    insert(found, place);
    if (found.length > limit + 1) found.pop();
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = last && found.length > limit ? placeOf(last) : undefined;
  return { places: page.map(({ row = 0 }) => table.at(row)), next };
}

/** All that the filter finds, in the order of the log: so events of one key keep theirs. */
export function findAll({ table, groups }: LetterIndex, filter: LetterFilter, now: number): LetterPlace[] {
  const rows = [...table.rows(toTest(groups, filter, now))];
  const { partitions, offsets } = table.columns;
  const column = (values: Int32Array | Float64Array, row: number) => values[row] ?? 0;
  rows.sort((a, b) => column(offsets, a) - column(offsets, b) || column(partitions, a) - column(partitions, b));
  return rows.map(row => table.at(row));
}

/** The group with the most letters comes first. */
export function groupsOf({ table, groups }: LetterIndex, filter: LetterFilter, now: number): GroupCount[] {
  const counts = new Float64Array(groups.length);
  const firsts = new Float64Array(groups.length).fill(Number.POSITIVE_INFINITY);
  const lasts = new Float64Array(groups.length).fill(Number.NEGATIVE_INFINITY);
  const newest = new Int32Array(groups.length);
  const { groups: numbers, ats } = table.columns;
  for (const row of table.rows(toTest(groups, filter, now))) {
    const group = numbers[row] ?? 0;
    const at = ats[row] ?? 0;
    counts[group] = (counts[group] ?? 0) + 1;
    firsts[group] = Math.min(firsts[group] ?? at, at);
    if (at < (lasts[group] ?? at)) continue;
    lasts[group] = at;
    newest[group] = row;
  }
  return groups
    .map((group, number) => ({ ...group, number, count: counts[number] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ number, ...rest }) => ({
      ...rest,
      first: firsts[number] ?? 0,
      last: lasts[number] ?? 0,
      newest: table.at(newest[number] ?? 0),
    }))
    .sort((a, b) => b.count - a.count || b.last - a.last);
}

function toTest(
  groups: readonly LetterGroup[],
  { key, reason, held, olderThanMs, newerThanMs, group, text }: LetterFilter,
  now: number,
): (row: number, columns: LetterColumns) => boolean {
  const latest = olderThanMs === undefined ? Number.POSITIVE_INFINITY : now - olderThanMs;
  const earliest = newerThanMs === undefined ? Number.NEGATIVE_INFINITY : now - newerThanMs;
  const words = text?.toLowerCase();
  const isGroup =
    group === undefined && words === undefined
      ? undefined
      : groups.map(
          each =>
            (group === undefined || each.id === group) &&
            (words === undefined || each.text.toLowerCase().includes(words)),
        );
  return (row, { ats, keys, groups: numbers, isHeld, isReason }) => {
    const at = ats[row] ?? 0;
    return (
      at <= latest &&
      at >= earliest &&
      (key === undefined || keys[row] === key) &&
      (reason === undefined || isReason(row, reason)) &&
      (held === undefined || isHeld(row) === held) &&
      (isGroup === undefined || isGroup[numbers[row] ?? 0] === true)
    );
  };
}

interface Place {
  readonly row?: number;
  readonly at: number;
  readonly partition: number;
  readonly offset: number;
}

function byPlace(a: Place, b: Place): number {
  return a.at - b.at || a.partition - b.partition || a.offset - b.offset;
}

function insert(sorted: Place[], place: Place): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = sorted[middle];
    if (other && byPlace(other, place) < 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, place);
}

const placeOf = ({ at, partition, offset }: Place) => `${at}.${partition}.${offset}`;

function parsePlace(text: string): Place {
  const [at = Number.NaN, partition = Number.NaN, offset = Number.NaN] = text.split('.').map(Number);
  if (Number.isNaN(at + partition + offset))
    throw new TenfoldError('bad-request', `not a place in a list of dead letters: ${text}`);
  return { at, partition, offset };
}
