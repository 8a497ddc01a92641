// A plain model of a scope of the store: maps and sorts, nothing clever; what a driver
// keeps must read the same.
import type { Change, Fence } from '../../../drivers/store/changes.ts';
import type { Scan } from '../../../drivers/store/tables.ts';
import type { Value } from '../../../drivers/store/values.ts';

interface StoredValue {
  readonly value: string;
  readonly expires: number;
}
interface ModelRow extends StoredValue {
  readonly key: string;
  readonly indexes: Readonly<Record<string, readonly Value[]>>;
}

const NEVER = Number.POSITIVE_INFINITY;
const hex = (value: Uint8Array | string) => Buffer.from(value).toString('hex');

export class StoreModel {
  now = 0;
  #keys = new Map<string, StoredValue>();
  #tables = new Map<string, Map<string, ModelRow>>();
  #rankings = new Map<
    string,
    { expires: number; members: Map<string, { score: number; value: string | undefined }> }
  >();
  #feeds = new Map<string, Map<string, StoredValue & { at: number }>>();
  #counters = new Map<string, { sum: number; expires: number }>();
  #positions = new Map<string, number>();

  apply(changes: readonly Change[], fence?: Fence): boolean {
    if (fence) {
      const name = `${fence.consumer} ${fence.partition}`;
      if (this.#positions.get(name) !== fence.after) return false;
      this.#positions.set(name, fence.upTo);
    }
    for (const change of changes) this.#make(change);
    return true;
  }

  position(consumer: string, partition: number): number | undefined {
    return this.#positions.get(`${consumer} ${partition}`);
  }

  key(key: string): string | undefined {
    return this.#alive(this.#keys.get(key))?.value;
  }

  row(table: string, key: string): string | undefined {
    return this.#alive(this.#tables.get(table)?.get(key))?.value;
  }

  /** Keys in order. */
  scan(table: string, { index, prefix = [], from, to, reverse }: Omit<Scan, 'limit'>): string[] {
    const rows = [...(this.#tables.get(table)?.values() ?? [])].filter(row => row.expires > this.now);
    const placed = rows.flatMap(row => {
      if (index === undefined) return [{ key: row.key, values: [row.key] }];
      const values = row.indexes[index];
      return values ? [{ key: row.key, values }] : [];
    });
    const within = placed.filter(({ values }) => {
      if (index === undefined) return String(values[0]).startsWith(String(prefix[0] ?? ''));
      return prefix.every((value, at) => values.length > at && compareValues(values[at] ?? null, value) === 0);
    });
    const bounded = within.filter(({ values }) => {
      const next = values[index === undefined ? 0 : prefix.length];
      if (from === undefined && to === undefined) return true;
      if (next === undefined) return from === undefined;
      if (from && compareValues(next, from.value) < (from.inclusive ? 0 : 1)) return false;
      return !to || compareValues(next, to.value) <= (to.inclusive ? 0 : -1);
    });
    bounded.sort((a, b) => compareLists(a.values, b.values) || compareValues(a.key, b.key));
    if (reverse) bounded.reverse();
    return bounded.map(({ key }) => key);
  }

  ranking(name: string): { member: string; score: number; value: string | undefined }[] {
    const ranking = this.#alive(this.#rankings.get(name));
    const members = [...(ranking?.members ?? [])].map(([member, entry]) => ({ member, ...entry }));
    return members.sort((a, b) => b.score - a.score || compareValues(a.member, b.member));
  }

  feed(feed: string, owner: string): { id: string; at: number; value: string }[] {
    const entries = [...(this.#feeds.get(`${feed} ${owner}`) ?? [])].filter(([, entry]) => entry.expires > this.now);
    const listed = entries.map(([id, { at, value }]) => ({ id, at, value }));
    return listed.sort((a, b) => b.at - a.at || compareValues(b.id, a.id));
  }

  counter(name: string): number {
    return this.#alive(this.#counters.get(name))?.sum ?? 0;
  }

  #alive<T extends { readonly expires: number }>(kept: T | undefined): T | undefined {
    return kept && kept.expires > this.now ? kept : undefined;
  }

  #make(change: Change): void {
    const expires = 'ttlMs' in change && change.ttlMs !== undefined ? this.now + change.ttlMs : NEVER;
    switch (change.kind) {
      case 'put':
        this.#keys.set(change.key, { value: hex(change.value), expires });
        break;
      case 'delete':
        this.#keys.delete(change.key);
        break;
      case 'put-row': {
        const { table, key, value, indexes = {} } = change;
        const rows = this.#tables.get(table) ?? new Map<string, ModelRow>();
        this.#tables.set(table, rows.set(key, { key, value: hex(value), indexes, expires }));
        break;
      }
      case 'delete-row':
        this.#tables.get(change.table)?.delete(change.key);
        break;
      case 'score': {
        const { ranking: name, member, score, mode, limit } = change;
        const members = this.#alive(this.#rankings.get(name))?.members ?? new Map();
        const before = members.get(member);
        const next =
          !before || mode === 'last' ? score : mode === 'sum' ? before.score + score : Math.max(before.score, score);
        members.set(member, { score: next, value: change.value === undefined ? before?.value : hex(change.value) });
        this.#rankings.set(name, { expires, members });
        for (const worst of this.ranking(name).slice(limit)) members.delete(worst.member);
        break;
      }
      case 'unrank':
        this.#alive(this.#rankings.get(change.ranking))?.members.delete(change.member);
        break;
      case 'push': {
        const { feed, owner, id, at, value, limit } = change;
        const entries = this.#feeds.get(`${feed} ${owner}`) ?? new Map();
        this.#feeds.set(`${feed} ${owner}`, entries.set(id, { at, value: hex(value), expires }));
        for (const [id, entry] of entries) if (entry.expires <= this.now) entries.delete(id);
        for (const oldest of this.feed(feed, owner).slice(limit)) entries.delete(oldest.id);
        break;
      }
      case 'unpush':
        this.#feeds.get(`${change.feed} ${change.owner}`)?.delete(change.id);
        break;
      case 'count': {
        const met = this.#alive(this.#counters.get(change.counter));
        this.#counters.set(change.counter, met ? { ...met, sum: met.sum + change.by } : { sum: change.by, expires });
        break;
      }
      default:
        throw new Error(`the model has no ${change.kind}`);
    }
  }
}

function compareValues(a: Value, b: Value): number {
  const rank = (value: Value) =>
    value === null ? 0 : value === false ? 1 : value === true ? 2 : typeof value === 'number' ? 3 : 4;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a < b ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return 0;
}

export function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareValues(a[at] ?? null, b[at] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
