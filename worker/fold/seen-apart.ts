// What a fold has seen of sources whose records come in another order than that of their offsets: one by one, down to where nothing is to come.
import type { Change } from '../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../drivers/store/limits.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import type { SourceMark } from './source-mark.ts';

/** Kept beside what is folded, in the same scope. */
export const SEEN_APART_TABLE = 'tenfold.seen-apart';

interface Source {
  /** All below has been seen, or never comes. */
  settled: number;
  /** `offset.index` of what is above. */
  readonly above: Set<string>;
  newest: number;
  changed: boolean;
}

export class SeenApart {
  readonly #sources = new Map<string, Source>();

  static async load(store: Pick<Tables, 'scan'>, scope: string): Promise<SeenApart> {
    const seen = new SeenApart();
    for (let after: string | undefined; ; ) {
      const page = await store.scan(scope, SEEN_APART_TABLE, { limit: MAX_PAGE, after });
      for (const { key, value } of page.rows) {
        const [settled = '0', newest = '-1', ...above] = Buffer.from(value).toString().split(' ');
        const source = { settled: Number(settled), newest: Number(newest), above: new Set(above), changed: false };
        seen.#sources.set(key, source);
      }
      after = page.next;
      if (after === undefined) return seen;
    }
  }

  /** Whether it comes for the first time; if so it is seen from now on. */
  take({ topic, partition, offset, index }: SourceMark): boolean {
    const source = this.#sourceOf(topic, partition);
    if (offset < source.settled) return false;
    const place = `${offset}.${index}`;
    if (source.above.has(place)) return false;
    source.above.add(place);
    source.newest = Math.max(source.newest, offset);
    source.changed = true;
    return true;
  }

  /** Nothing below the offset comes for the first time any more. */
  settle(topic: string, partition: number, offset: number): void {
    const source = this.#sourceOf(topic, partition);
    if (offset <= source.settled) return;
    source.settled = offset;
    source.changed = true;
    for (const place of source.above)
      if (Number(place.slice(0, place.indexOf('.'))) < offset) source.above.delete(place);
  }

  offsetOf(topic: string, partition: number): number | undefined {
    return this.#sources.get(`${partition}.${topic}`)?.newest;
  }

  /** What to write with all that was taken and settled since. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const [key, source] of this.#sources) {
      if (!source.changed) continue;
      source.changed = false;
      const value = [source.settled, source.newest, ...source.above].join(' ');
      changes.push({ kind: 'put-row', table: SEEN_APART_TABLE, key, value });
    }
    return changes;
  }

  #sourceOf(topic: string, partition: number): Source {
    const key = `${partition}.${topic}`;
    const source = this.#sources.get(key) ?? { settled: 0, above: new Set(), newest: -1, changed: false };
    this.#sources.set(key, source);
    return source;
  }
}
