// A question to a View that is followed: its newest answers, and the events that lead a follower to
// the newest. All followers of one question share it.
import { changeBetween, type LiveAnswer, type LiveChange, type LiveItem, toAnswer } from './live-answer.ts';
import { changeEvent, resumedEvent, rowsEvent } from './live-events.ts';
import type { FollowedQuestion } from './read-live.ts';

/** The stream of one follower, as its question sees it. */
export interface AnswerReader {
  /** There is another answer. */
  news(): void;
  /** `isLost`: its rows can no longer be read, or are too many to keep. */
  end(reason: string, isLost?: boolean): void;
}

/** Former answers that are kept: so many, for so long, and so much beside the newest. */
const MOST_FORMER = 64;
const FORMER_MS = 60_000;
const FORMER_ITEMS = 20_000;
const FORMER_BYTES = 1024 * 1024;

/** Of all followed answers of one View. */
export const MOST_BYTES = 32 * 1024 * 1024;

const CHANGED = 'The rows are others than before, and the changes between are not kept here.';

export class LiveQuestion {
  readonly question: FollowedQuestion;
  readonly readers = new Set<AnswerReader>();
  /** When it was last read, by the monotonic clock. */
  lookedAt = Number.NEGATIVE_INFINITY;
  /** Since when nobody follows, by the monotonic clock. */
  idleSince: number | undefined;
  /** Why it cannot be read, while the rest of the View can. */
  failure: unknown;
  /** The newest is the last. */
  readonly #answers: { readonly answer: LiveAnswer; readonly at: number }[] = [];
  readonly #events = new Map<string, Buffer>();

  constructor(question: FollowedQuestion) {
    this.question = question;
  }

  /** Undefined until it is read for the first time. */
  get answer(): LiveAnswer | undefined {
    return this.#answers.at(-1)?.answer;
  }

  /** About what its answers take in memory. */
  get bytes(): number {
    const [oldest, ...later] = this.#answers;
    return later.reduce((sum, { answer }) => sum + answer.newBytes, oldest?.answer.bytes ?? 0);
  }

  /** Returns the bytes that are left. A follower that has a former answer gets the rows anew. */
  forgetFormer(): number {
    this.#answers.splice(0, this.#answers.length - 1);
    return this.bytes;
  }

  /** Returns what has changed, or undefined when nothing has. */
  become(items: readonly LiveItem[], more: boolean, now: number): LiveChange | undefined {
    const before = this.answer;
    const answer = toAnswer(items, more, before);
    if (answer.digest === before?.digest) return undefined;
    this.#events.clear();
    this.#answers.push({ answer, at: now });
    this.#forget(now);
    const nothing: LiveAnswer = { ...answer, items: [] };
    return changeBetween(before ?? nothing, answer);
  }

  /**
   * The event that leads from the answer with this digest to the newest one. Undefined: the reader
   * has the newest. `undefined` for a reader that has none.
   */
  eventFor(digest: string | undefined): { readonly event: Buffer; readonly isAnew: boolean } | undefined {
    const to = this.answer;
    if (to === undefined || to.digest === digest) return undefined;
    const from = this.#answers.find(each => each.answer.digest === digest)?.answer;
    const isAnew = digest !== undefined && from === undefined;
    const key = digest === undefined ? 'all' : (from?.digest ?? 'anew');
    const known = this.#events.get(key);
    if (known) return { event: known, isAnew };
    const event = from ? changeEvent(from, to) : rowsEvent(to, isAnew ? CHANGED : undefined);
    this.#events.set(key, event);
    return { event, isAnew };
  }

  resumed(): Buffer | undefined {
    return this.answer && resumedEvent(this.answer);
  }

  #forget(now: number): void {
    const former = this.#answers;
    let items = former.reduce((sum, { answer }) => sum + answer.items.length, 0);
    let bytes = former.reduce((sum, { answer }) => sum + answer.newBytes, 0);
    for (let oldest = former[0]; oldest !== undefined && former.length > 1; oldest = former[0]) {
      const isTooMuch = items > FORMER_ITEMS || bytes > FORMER_BYTES || former.length > MOST_FORMER;
      if (!isTooMuch && now - oldest.at <= FORMER_MS) return;
      items -= oldest.answer.items.length;
      bytes -= oldest.answer.newBytes;
      former.shift();
    }
  }
}
