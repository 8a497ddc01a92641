// Finds the followed questions whose answers a changed row may change, without asking each of them.
import { compileIndexes } from '../../../core/views/row-indexes.ts';
import type { Row } from '../../../drivers/store/tables.ts';
import type { LiveChange } from './live-answer.ts';
import type { LiveQuestion } from './live-question.ts';
import type { FollowedQuestion } from './read-live.ts';

export interface TouchedRow {
  readonly key: string;
  /** Undefined where there is no such row, or where the View has no rows. */
  readonly row: Row | undefined;
}

export class Concerned {
  readonly #placesOf: ReturnType<typeof compileIndexes>;
  readonly #byKey = new Map<string, Set<LiveQuestion>>();
  /** By index and first values in it. */
  readonly #byPlace = new Map<string, Set<LiveQuestion>>();
  /** By index: how many first values questions name, and how many questions each. */
  readonly #lengths = new Map<string, Map<number, number>>();
  /** Questions that any change may concern. */
  readonly #byAnything = new Set<LiveQuestion>();

  constructor(indexes: readonly (string | readonly string[])[]) {
    this.#placesOf = compileIndexes(indexes);
  }

  add(of: LiveQuestion): void {
    const { question } = of;
    const keys = keysOf(question);
    if (keys) for (const key of keys) link(this.#byKey, key, of);
    else if (question.kind === 'rows') {
      for (const prefix of question.prefixes) {
        link(this.#byPlace, placeName(question.index, prefix), of);
        this.#count(question.index, prefix.length, 1);
      }
    } else this.#byAnything.add(of);
  }

  /** `held`: ids in its newest answer. */
  remove(of: LiveQuestion, held: Iterable<string>): void {
    const { question } = of;
    const keys = keysOf(question);
    if (keys) for (const key of keys) unlink(this.#byKey, key, of);
    else if (question.kind === 'rows') {
      for (const prefix of question.prefixes) {
        unlink(this.#byPlace, placeName(question.index, prefix), of);
        this.#count(question.index, prefix.length, -1);
      }
      for (const id of held) unlink(this.#byKey, id, of);
    } else this.#byAnything.delete(of);
  }

  /** Its answer has changed so: a row that it holds concerns it wherever the row goes. */
  moved(of: LiveQuestion, { removed, placed }: LiveChange): void {
    if (of.question.kind !== 'rows') return;
    for (const id of removed) unlink(this.#byKey, id, of);
    for (const { item } of placed) link(this.#byKey, item.id, of);
  }

  by(rows: Iterable<TouchedRow>): Set<LiveQuestion> {
    const found = new Set<LiveQuestion>();
    let isAny = false;
    for (const { key, row } of rows) {
      isAny = true;
      for (const each of this.#byKey.get(key) ?? []) found.add(each);
      if (row === undefined || this.#byPlace.size === 0) continue;
      const json: unknown = JSON.parse(Buffer.from(row.value).toString());
      for (const [index, values] of Object.entries(this.#placesOf(json))) {
        for (const length of this.#lengths.get(index)?.keys() ?? []) {
          for (const each of this.#byPlace.get(placeName(index, values.slice(0, length))) ?? []) found.add(each);
        }
      }
    }
    if (isAny) for (const each of this.#byAnything) found.add(each);
    return found;
  }

  #count(index: string, length: number, by: number): void {
    const lengths = this.#lengths.get(index) ?? new Map<number, number>();
    const count = (lengths.get(length) ?? 0) + by;
    if (count === 0) lengths.delete(length);
    else lengths.set(length, count);
    this.#lengths.set(index, lengths);
  }
}

/** Undefined: other keys than those of the question may concern it. */
function keysOf(question: FollowedQuestion): readonly string[] | undefined {
  if (question.kind === 'row') return [question.key];
  if (question.kind === 'keys') return question.keys;
  return question.kind === 'feed' ? [question.owner] : undefined;
}

function placeName(index: string, values: readonly unknown[]): string {
  return `${index}\n${JSON.stringify(values)}`;
}

function link(map: Map<string, Set<LiveQuestion>>, name: string, of: LiveQuestion): void {
  const found = map.get(name);
  if (found) found.add(of);
  else map.set(name, new Set([of]));
}

function unlink(map: Map<string, Set<LiveQuestion>>, name: string, of: LiveQuestion): void {
  const found = map.get(name);
  found?.delete(of);
  if (found?.size === 0) map.delete(name);
}
