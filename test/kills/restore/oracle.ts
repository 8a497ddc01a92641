// What must hold of a platform that was restored from a back-up, as
// sentences of what differs; pure.
import * as z from 'zod';
import type { SeenRecord } from '../../chaos/checks/records.ts';
import { WINDOW_MS } from './application.ts';
import type { Taken } from './functions.ts';
import { keyOf, numberOf, timeOf } from './load.ts';

/** Ids of orders in a log, partition by partition. */
export function idsOf(partitions: readonly (readonly SeenRecord[])[]): string[][] {
  return partitions.map(records => records.map(({ headers }) => String(headers['ce_id'])));
}

/**
 * What was acknowledged before the back-up began is there, each once, and every key in its order.
 */
export function lostOrTwice(acknowledged: ReadonlySet<string>, ids: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, number>();
  for (const id of ids.flat()) counts.set(id, (counts.get(id) ?? 0) + 1);
  const lost = [...acknowledged].filter(id => !counts.has(id)).map(id => `${id} was acknowledged and is lost`);
  const twice = [...counts].filter(([, count]) => count > 1).map(([id, count]) => `${id} is there ${count} times`);
  return [...lost, ...twice, ...ids.flatMap(outOfOrder)];
}

function outOfOrder(ids: readonly string[]): string[] {
  const last = new Map<string, number>();
  return ids.flatMap(id => {
    const before = last.get(keyOf(id)) ?? -1;
    last.set(keyOf(id), numberOf(id));
    return numberOf(id) > before ? [] : [`${id} comes behind ${before} of its key`];
  });
}

/**
 * An order is taken only when all of its key that were before it in the log of that life have been.
 * `logs`: ids in the log of each life.
 */
export function takenTooEarly(taken: readonly Taken[], logs: readonly (readonly string[])[]): string[] {
  const before = logs.map(ids => {
    const byKey = Map.groupBy(ids, keyOf);
    for (const list of byKey.values()) list.sort((a, b) => numberOf(a) - numberOf(b));
    return byKey;
  });
  const done = new Set<string>();
  return taken.flatMap(({ id, life }) => {
    const those = before[life]?.get(keyOf(id)) ?? [];
    const missed = those.find(other => numberOf(other) < numberOf(id) && !done.has(other));
    done.add(id);
    return missed === undefined ? [] : [`${id} was taken in life ${life} before ${missed}`];
  });
}

export function notTaken(ids: readonly string[], taken: readonly Taken[]): string[] {
  const seen = new Set(taken.map(({ id }) => id));
  return ids.filter(id => !seen.has(id)).map(id => `${id} was never delivered`);
}

/** Orders by window and key, of those windows that ended before `until`. */
export function windowsOf(ids: readonly string[], until: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const start = Math.floor(timeOf(id) / WINDOW_MS) * WINDOW_MS;
    if (start + WINDOW_MS > until) continue;
    const window = `${keyOf(id)} ${new Date(start).toISOString()}`;
    counts.set(window, (counts.get(window) ?? 0) + 1);
  }
  return counts;
}

const sum = z.object({ key: z.string(), start: z.string(), orders: z.number() });

/** A result that comes again has the same id and says the same; of each window there is one. */
export function windowsSaid(records: readonly Pick<SeenRecord, 'headers' | 'value'>[]) {
  const found = new Map<string, number>();
  const said = new Map<string, string>();
  const unsound: string[] = [];
  for (const { headers, value } of records) {
    const id = String(headers['ce_id']);
    const text = Buffer.from(value).toString();
    const before = said.get(id);
    said.set(id, text);
    if (before !== undefined && before !== text) unsound.push(`the result ${id} says ${before}, and then ${text}`);
    if (before !== undefined) continue;
    const { key, start, orders } = sum.parse(JSON.parse(text));
    const window = `${key} ${new Date(start).toISOString()}`;
    found.set(window, (found.get(window) ?? 0) + orders);
  }
  return { found, unsound };
}

export function differences(what: string, found: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>) {
  const names = new Set([...found.keys(), ...expected.keys()]);
  return [...names].flatMap(name => {
    const [is, should] = [found.get(name) ?? 0, expected.get(name) ?? 0];
    return is === should ? [] : [`${what} ${name}: ${is} instead of ${should}`];
  });
}

export function countBy(ids: readonly string[], by: (id: string) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(by(id), (counts.get(by(id)) ?? 0) + 1);
  return counts;
}
