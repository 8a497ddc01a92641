// The records that a fold has seen of sources whose records come in another order than that of
// their offsets. It knows them one by one, down to the offset below which nothing is to come.
import type { Change } from '../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../drivers/store/limits.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import { packPlaces, unpackPlaces } from './pack-places.ts';
import { APART, SEEN_TABLE } from './seen.ts';
import type { SourceMark } from './source-mark.ts';

interface Source {
  /** All below has been seen, or never comes. */
  settled: number;
  /** `offset.index` of the seen records above. */
  readonly above: Set<string>;
  newest: number;
  changed: boolean;
}

export class SeenApart {
  readonly #sources = new Map<string, Source>();
  readonly #notes = new Map<string, number>();

  static async load(store: Pick<Tables, 'scan'>, scope: string): Promise<SeenApart> {
    const seen = new SeenApart();
    for (let after: string | undefined; ; ) {
      const page = await store.scan(scope, SEEN_TABLE, { limit: MAX_PAGE, after });
      for (const { key, value } of page.rows) {
        const text = Buffer.from(value).toString();
        if (!key.startsWith(APART)) {
          seen.#notes.set(key, Number.parseInt(text, 10));
          continue;
        }
        const [settled = '0', newest = '-1', ...above] = text.split(' ');
        const source = { settled: Number(settled), newest: Number(newest), above: unpackPlaces(above), changed: false };
        seen.#sources.set(key.slice(APART.length), source);
      }
      after = page.next;
      if (after === undefined) return seen;
    }
  }

  copy(): SeenApart {
    const copy = new SeenApart();
    for (const [key, source] of this.#sources) copy.#sources.set(key, { ...source, above: new Set(source.above) });
    for (const [name, number] of this.#notes) copy.#notes.set(name, number);
    return copy;
  }

  /** The number noted with `noteChange`, as old as all else that was loaded. */
  noted(name: string): number | undefined {
    return this.#notes.get(name);
  }

  /** Whether the record comes for the first time; if so it counts as seen from now on. */
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
    for (const place of source.above) if (Number.parseInt(place, 10) < offset) source.above.delete(place);
  }

  offsetOf(topic: string, partition: number): number | undefined {
    return this.#sources.get(`${partition}.${topic}`)?.newest;
  }

  /** The changes to write for all records that were taken and settled since. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const [key, source] of this.#sources) {
      if (!source.changed) continue;
      source.changed = false;
      const value = [source.settled, source.newest, ...packPlaces(source.above)].join(' ');
      changes.push({ kind: 'put-row', table: SEEN_TABLE, key: `${APART}${key}`, value });
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
