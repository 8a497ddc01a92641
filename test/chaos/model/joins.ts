// What a join adds to an event is a version of the row that it asked for, which had been published
// by then and was not replaced long ago.
import { type Appended, type Reading, readingId } from './readings.ts';

export interface Price {
  readonly item: string;
  /** From 1 on, within the item. */
  readonly version: number;
}

export type Joined = Reading & { readonly price: Price | null };

export interface JoinEvidence {
  readonly readings: readonly Appended<Reading>[];
  readonly prices: readonly Appended<Price>[];
  readonly joined: readonly Appended<Joined>[];
  /** Ids of readings that came when the View had all prices, with what it has of the item. */
  readonly probes: ReadonlyMap<string, number>;
}

/**
 * So far behind a View may be while all is broken: on a busy machine its group may form minutes
 * after that of the Pipeline. Probes say what a join adds once the View has all prices.
 */
const STALE_MS = 5 * 60_000;

export function joinDifferences({ readings, prices, joined, probes }: JoinEvidence): string[] {
  const copies = counted(readings.map(({ data }) => readingId(data)));
  const made = counted([...new Map(joined.map(each => [each.id, readingId(each.data)])).values()]);
  const wrong = [...new Set([...copies.keys(), ...made.keys()])]
    .filter(id => copies.get(id) !== made.get(id))
    .map(id => `${id} is there ${copies.get(id) ?? 0} times, and joined ${made.get(id) ?? 0} times`);
  const versions = new Map<string, { since: number; until: number }>();
  for (const { data, timestamp } of prices) {
    const name = versionName(data);
    versions.set(name, { since: Math.min(versions.get(name)?.since ?? timestamp, timestamp), until: Infinity });
  }
  for (const [name, version] of versions) {
    const [item = '', number] = name.split(' ');
    version.until = versions.get(versionName({ item, version: Number(number) + 1 }))?.since ?? Infinity;
  }
  for (const { data, timestamp } of joined) {
    const { item, price } = data;
    const what = `${readingId(data)} has ${price ? versionName(price) : 'no price'} of ${item}`;
    const probe = probes.get(readingId(data));
    if (probe !== undefined && price?.version !== probe) wrong.push(`${what}, and the View had ${probe}`);
    const first = versions.get(versionName({ item, version: 1 }));
    const valid =
      price === null ? { since: -Infinity, until: first?.since ?? Infinity } : versions.get(versionName(price));
    if (price !== null && price.item !== item) wrong.push(`${what}, which is another's`);
    else if (valid === undefined || valid.since > timestamp) wrong.push(`${what}, which was not published by then`);
    else if (valid.until + STALE_MS < timestamp) wrong.push(`${what}, which was replaced long before`);
  }
  return wrong;
}

const versionName = ({ item, version }: Price) => `${item} ${version}`;

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
