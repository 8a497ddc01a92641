// The journal of changes as objects in the bucket: segments 1, 2, 3, … The first process to write a
// number wins it, so that all processes see one order.
import { TenfoldError } from '../../../core/errors.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { BlobChange, BlobChanges } from '../blob-store.ts';
import { type JournalEnds, openJournalEnds } from './journal-ends.ts';
import type { S3Link } from './link.ts';
import type { Places } from './object-names.ts';
import { attemptsOf, isContested, isMissing, isUnmet } from './s3-error.ts';
import { packSegment, type Segment, unpackSegment } from './segment.ts';

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
/** Segments that are read at once. */
const AHEAD = 8;
const PAUSE_MS = 25;
/** Rounds that a segment may take when others are always faster. */
const MAX_TRIES = 60;

export function createJournal({ world, link, places, onAppended }: JournalOptions): Journal {
  const ends = openJournalEnds({ world, link, places });
  const queue: Queued[] = [];
  let writing = false;
  /** The segments that were read last, as pages may be shorter than segments. */
  const recent = new Map<number, Segment>();

  async function writeQueued(): Promise<void> {
    if (writing) return;
    writing = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, BATCH);
      try {
        await writeSegment(batch.map(({ change }) => change));
        for (const { resolve } of batch) resolve();
        onAppended();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = false;
  }

  async function writeSegment(changes: readonly BlobChange[]): Promise<void> {
    const id = world.id();
    const Body = packSegment({ id, changes });
    /** Number at which it may stand already, by an attempt whose answer was lost. */
    let doubtful: number | undefined;
    for (let turn = 0; turn < MAX_TRIES; turn++) {
      const number = (await ends.tail()) + 1;
      const input = { Bucket: link.bucket, Key: places.segment(number), Body, IfNoneMatch: '*' };
      try {
        await link.call((s3, options) => s3.putObject(input, options));
        ends.isAtLeast(number);
        return;
      } catch (error) {
        if (!isUnmet(error) && !isContested(error)) {
          if (doubtful !== undefined || !(error instanceof TenfoldError) || !error.retryable) throw error;
          doubtful = number;
          continue;
        }
        // Also the SDK's own second attempt meets what its first one has written.
        const isDoubtful = doubtful === number || attemptsOf(error) > 1;
        if (isDoubtful && (await readSegment(number))?.id === id) {
          ends.isAtLeast(number);
          return;
        }
        if (isUnmet(error)) ends.isAtLeast(number);
        if (turn > 0) await ends.freshTail();
        await sleep(world, world.random() * PAUSE_MS * Math.min(turn, 8));
      }
    }
    throw new TenfoldError('overloaded', `The journal of changes in ${link.where} is written by too many at once.`);
  }

  async function readSegment(number: number): Promise<Segment | undefined> {
    const known = recent.get(number);
    if (known) return known;
    try {
      const text = await link.call(async (s3, options) => {
        const { Body } = await s3.getObject({ Bucket: link.bucket, Key: places.segment(number) }, options);
        return (await Body?.transformToString()) ?? '';
      });
      const segment = unpackSegment(text, places.segment(number));
      recent.set(number, segment);
      for (const oldest of recent.keys()) {
        if (recent.size <= AHEAD) break;
        recent.delete(oldest);
      }
      return segment;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The segment behind a cursor that is not there: nothing yet, or nothing any more. */
  async function readMissing(number: number): Promise<Segment | undefined> {
    const tail = await ends.tail(number - 1);
    if (number === tail + 1) return undefined;
    // Written just now.
    const again = number <= tail ? await readSegment(number) : undefined;
    if (again) return again;
    throw new TenfoldError(
      'gone',
      'Changes behind this cursor are kept no more. List the objects and go on from a new cursor.',
    );
  }

  async function readFrom(cursor: Cursor, limit: number): Promise<BlobChanges> {
    let { number, index } = cursor;
    const changes: BlobChange[] = [];
    const ahead = new Map<number, Promise<Segment | undefined>>();
    while (changes.length < limit) {
      const segment = (await (ahead.get(number) ?? readSegment(number))) ?? (await readMissing(number));
      if (!segment) break;
      ends.isAtLeast(number);
      // A reader that has much to catch up with does not wait for each segment in turn.
      const missing = limit - changes.length - segment.changes.length + index;
      for (
        let next = number + 1;
        next <= Math.min(ends.known(), number + AHEAD - 1) && next <= number + missing;
        next++
      ) {
        if (ahead.has(next)) continue;
        const reading = readSegment(next);
        reading.catch(() => {});
        ahead.set(next, reading);
      }
      const part = segment.changes.slice(index, index + limit - changes.length);
      changes.push(...part);
      index += part.length;
      if (index < segment.changes.length) break;
      number++;
      index = 0;
    }
    return { changes, next: formatCursor(number, index) };
  }

  return {
    ends,
    append(change) {
      return new Promise((resolve, reject) => {
        queue.push({ change, resolve, reject });
        void writeQueued();
      });
    },
    latest: async () => formatCursor((await ends.freshTail()) + 1, 0),
    async read(after, limit) {
      if (after !== undefined) return await readFrom(parseCursor(after), limit);
      for (let turn = 0; ; turn++) {
        try {
          return await readFrom({ number: await ends.oldest(), index: 0 }, limit);
        } catch (error) {
          // Removed since a moment ago.
          if (turn >= 5 || !(error instanceof TenfoldError && error.code === 'gone')) throw error;
        }
      }
    },
  };
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
