// How far a fold has seen each partition of its sources. A record that is not newer was appended
// twice, and changes nothing.
import type { Change } from '../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../drivers/store/limits.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import type { SourceMark } from './source-mark.ts';

/** The rows are in the scope of the folded state, so that both are written and lost together. */
export const SEEN_TABLE = 'tenfold.seen';

/** Beginning of the keys of `SeenApart`: no source has that name, nor any note. */
export const APART = 'apart/';

interface Place {
  readonly offset: number;
  readonly index: number;
}

export class Seen {
  readonly #places = new Map<string, Place>();

  static async load(store: Pick<Tables, 'scan'>, scope: string): Promise<Seen> {
    const seen = new Seen();
    for (let after: string | undefined; ; ) {
      const page = await store.scan(scope, SEEN_TABLE, { limit: MAX_PAGE, after });
      for (const { key, value } of page.rows) seen.#places.set(key, toPlace(Buffer.from(value).toString()));
      after = page.next;
      if (after === undefined) return seen;
    }
  }

  copy(): Seen {
    const copy = new Seen();
    for (const [source, place] of this.#places) copy.#places.set(source, place);
    return copy;
  }

  /** The number noted with `noteChange`, as old as all else that was loaded. */
  noted(name: string): number | undefined {
    return this.#places.get(name)?.offset;
  }

  /**
   * Whether the record is newer than all seen of its partition; if so it counts as seen from now
   * on.
   */
  take(mark: SourceMark): boolean {
    const source = sourceOf(mark);
    const last = this.#places.get(source);
    if (last && (mark.offset < last.offset || (mark.offset === last.offset && mark.index <= last.index))) return false;
    this.#places.set(source, mark);
    return true;
  }

  /** Highest seen offset of a partition of a source. */
  offsetOf(topic: string, partition: number): number | undefined {
    return this.#places.get(sourceOf({ topic, partition }))?.offset;
  }
}

/** Whether a record was seen, for somebody who does not own the partition. */
export async function hasSeen(store: Pick<Tables, 'row'>, scope: string, mark: SourceMark): Promise<boolean> {
  const row = await store.row(scope, SEEN_TABLE, sourceOf(mark));
  if (row === undefined) return false;
  const { offset, index } = toPlace(Buffer.from(row.value).toString());
  return offset > mark.offset || (offset === mark.offset && index >= mark.index);
}

/**
 * The changes to write beside those of `marks`, which are in the order in which they were taken.
 */
export function seenChanges(marks: readonly SourceMark[]): Change[] {
  const latest = new Map(marks.map(mark => [sourceOf(mark), mark]));
  return [...latest].map(([key, { offset, index }]) => ({
    kind: 'put-row',
    table: SEEN_TABLE,
    key,
    value: `${offset}.${index}`,
  }));
}

/** A number that is written and read together with the seen marks. `name` begins with a letter. */
export function noteChange(name: string, number: number): Change {
  return { kind: 'put-row', table: SEEN_TABLE, key: name, value: `${number}.0` };
}

function sourceOf({ topic, partition }: Pick<SourceMark, 'topic' | 'partition'>): string {
  return `${partition}.${topic}`;
}

function toPlace(text: string): Place {
  const [offset = '', index = ''] = text.split('.');
  return { offset: Number(offset), index: Number(index) };
}
