// The journal of changes as objects in the bucket: segments 1, 2, 3, … The first process to write a
// number wins it, so that all processes see one order.
import { TenfoldError } from '../../../../core/errors.ts';
import { pauseAfter } from '../../../../core/retry/backoff.ts';
import { sleep, type World } from '../../../../core/world.ts';
import type { BlobChange, BlobChanges } from '../../blob-store.ts';
import type { S3Link } from '../link.ts';
import type { Places } from '../object-names.ts';
import { attemptsOf, isContested, isUnmet } from '../s3-error.ts';
import { type JournalEnds, openJournalEnds } from './journal-ends.ts';
import { packSegment, type Segment } from './segment.ts';
import { AHEAD, SegmentObjects, SegmentsAhead } from './segment-objects.ts';

export interface Journal {
  /** Resolves when it is durable. */
  append(change: BlobChange): Promise<void>;
  latest(): Promise<string>;
  /** Without waiting. */
  read(after: string | undefined, limit: number): Promise<BlobChanges>;
  readonly ends: JournalEnds;
}

export interface JournalOptions {
  readonly world: World;
  readonly link: S3Link;
  readonly places: Places;
  /** After each segment of ours. */
  onAppended(): void;
}

/** The position of the next change: its segment, and its index there. */
interface Cursor {
  readonly number: number;
  readonly index: number;
}

interface Queued {
  readonly change: BlobChange;
  resolve(): void;
  reject(error: unknown): void;
}

/** Changes of one segment. */
const BATCH = 1000;
const PAUSES = { base: 25, max: 200 };
/** Rounds that a segment may take when others are always faster. */
const MAX_TRIES = 60;

export class SegmentedJournal implements Journal {
  readonly ends: JournalEnds;
  readonly #world: World;
  readonly #where: string;
  readonly #segments: SegmentObjects;
  readonly #onAppended: () => void;
  readonly #queue: Queued[] = [];
  #writing = false;

  constructor({ world, link, places, onAppended }: JournalOptions) {
    this.ends = openJournalEnds({ world, link, places });
    this.#world = world;
    this.#where = link.where;
    this.#segments = new SegmentObjects(link, places);
    this.#onAppended = onAppended;
  }

  append(change: BlobChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, resolve, reject });
      void this.#writeQueued();
    });
  }

  async latest(): Promise<string> {
    return formatCursor((await this.ends.freshTail()) + 1, 0);
  }

  async read(after: string | undefined, limit: number): Promise<BlobChanges> {
    if (after !== undefined) return await this.#readFrom(parseCursor(after), limit);
    for (let turn = 0; ; turn++) {
      try {
        return await this.#readFrom({ number: await this.ends.oldest(), index: 0 }, limit);
      } catch (error) {
        // Removed since a moment ago.
        if (turn >= 5 || !(error instanceof TenfoldError && error.code === 'gone')) throw error;
      }
    }
  }

  async #writeQueued(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH);
      try {
        await this.#writeSegment(batch.map(({ change }) => change));
        for (const { resolve } of batch) resolve();
        this.#onAppended();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = false;
  }

  async #writeSegment(changes: readonly BlobChange[]): Promise<void> {
    const id = this.#world.id();
    const body = packSegment({ id, changes });
    /** Number at which it may stand already, by an attempt whose answer was lost. */
    let doubtful: number | undefined;
    for (let turn = 0; turn < MAX_TRIES; turn++) {
      const number = (await this.ends.tail()) + 1;
      try {
        await this.#segments.write(number, body);
        this.ends.isAtLeast(number);
        return;
      } catch (error) {
        if (!isUnmet(error) && !isContested(error)) {
          if (doubtful !== undefined || !(error instanceof TenfoldError) || !error.retryable) throw error;
          doubtful = number;
          continue;
        }
        // Also the SDK's own second attempt meets what its first one has written.
        const isDoubtful = doubtful === number || attemptsOf(error) > 1;
        if (isDoubtful && (await this.#segments.read(number))?.id === id) {
          this.ends.isAtLeast(number);
          return;
        }
        if (isUnmet(error)) this.ends.isAtLeast(number);
        if (turn > 0) await this.ends.freshTail();
        // The first loser knows who was faster, and tries the next number at once.
        if (turn > 0) await sleep(this.#world, pauseAfter(turn, PAUSES, this.#world.random()));
      }
    }
    throw new TenfoldError('overloaded', `The journal of changes in ${this.#where} is written by too many at once.`);
  }

  async #readFrom(cursor: Cursor, limit: number): Promise<BlobChanges> {
    let { number, index } = cursor;
    const changes: BlobChange[] = [];
    const ahead = new SegmentsAhead(this.#segments);
    while (changes.length < limit) {
      const segment = (await ahead.read(number)) ?? (await this.#readMissing(number));
      if (!segment) break;
      this.ends.isAtLeast(number);
      // A reader that has much to catch up with does not wait for each segment in turn.
      const missing = limit - changes.length - segment.changes.length + index;
      ahead.request(number + 1, Math.min(this.ends.known(), number + AHEAD - 1, number + missing));
      const part = segment.changes.slice(index, index + limit - changes.length);
      changes.push(...part);
      index += part.length;
      if (index < segment.changes.length) break;
      number++;
      index = 0;
    }
    return { changes, next: formatCursor(number, index) };
  }

  /** The segment behind a cursor that is not there: nothing yet, or nothing any more. */
  async #readMissing(number: number): Promise<Segment | undefined> {
    const tail = await this.ends.tail(number - 1);
    if (number === tail + 1) return undefined;
    // Written just now.
    const again = number <= tail ? await this.#segments.read(number) : undefined;
    if (again) return again;
    throw new TenfoldError(
      'gone',
      'Changes behind this cursor are kept no more. List the objects and go on from a new cursor.',
    );
  }
}

function formatCursor(number: number, index: number): string {
  return `${number}.${index}`;
}

function parseCursor(text: string): Cursor {
  const [, number, index] = /^([1-9]\d{0,14})\.(\d{1,6})$/.exec(text) ?? [];
  if (number === undefined || index === undefined)
    throw new TenfoldError('invalid-input', 'The cursor is not one of a change.');
  return { number: Number(number), index: Number(index) };
}
