// The content of an object as a stream that is whole or fails. It resumes a connection that was cut
// where it broke off, and compares the checksum before it ends.
import { Readable } from 'node:stream';
import { TenfoldError } from '../../../core/errors.ts';
import { pauseAfter } from '../../../core/retry/backoff.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { Extent } from '../range.ts';
import type { Checksum } from './checksum.ts';

export interface BodyOptions {
  readonly world: World;
  readonly key: string;
  readonly extent: Extent;
  /** The first bytes, already requested. */
  readonly first: Readable;
  /** The rest from `at` on; undefined: there is another content by now. */
  reopen(at: number, signal: AbortSignal): Promise<Readable | undefined>;
  /**
   * The checksum of the whole rest; undefined when it is unknown, or known only for more than that.
   */
  readonly checksum: Checksum | undefined;
  /** All has come and fits; called before the end of the stream. */
  fitted?(): void;
  /** How long nothing may come while somebody waits. */
  readonly idleMs: number;
}

/** Cuts in a row without a byte in between. */
const MAX_CUTS = 5;
const PAUSES = { base: 70, max: 5_000 };
const HIGH_WATER = 256 * 1024;

export function readBody(options: BodyOptions): Readable {
  const { first } = options;
  const ending = new AbortController();
  // Errors before anybody reads are met when somebody does.
  first.on('error', () => {});
  let current = first;
  const chunks = chunksOf(options, ending.signal, stream => {
    current = stream;
    stream.on('error', () => {});
  });
  return new Readable({
    highWaterMark: HIGH_WATER,
    read() {
      chunks.next().then(
        ({ done, value }) => this.push(done ? null : value),
        error => this.destroy(error),
      );
    },
    destroy(error, done) {
      ending.abort(error ?? new Error('The object is not read any further.'));
      current.destroy();
      done(error);
    },
  });
}

async function* chunksOf(
  { world, key, extent, first, reopen, checksum, fitted, idleMs }: BodyOptions,
  signal: AbortSignal,
  onStream: (stream: Readable) => void,
): AsyncGenerator<Buffer> {
  const end = extent.first + extent.length;
  let at = extent.first;
  let cuts = 0;
  let stream: Readable | undefined = first;
  /** The last piece waits for the checksum of all. */
  let held: Buffer | undefined;
  while (stream) {
    try {
      for await (const chunk of impatient(world, stream, idleMs)) {
        const bytes = chunk.subarray(0, end - at);
        if (bytes.length === 0) continue;
        at += bytes.length;
        cuts = 0;
        if (checksum !== undefined) await checksum.update(bytes);
        if (held) yield held;
        held = bytes;
      }
      if (at >= end) break;
      throw new Error('the connection ended before its time');
    } catch (error) {
      stream.destroy();
      stream = await goOn(error);
      if (stream) onStream(stream);
    }
  }
  if (!stream) throw brokenOff(key, at, end, 'it has been replaced or deleted since');
  const fits = await checksum?.fits();
  if (fits) fitted?.();
  if (fits === false)
    throw new TenfoldError(
      'data-corrupt',
      `The received content of the object '${key}' does not match its checksum. Its end is not served. Read it again; if that fails too, write it anew.`,
    );
  if (held) yield held;

  async function goOn(broken: unknown): Promise<Readable | undefined> {
    for (let cause = broken; ; ) {
      signal.throwIfAborted();
      if (++cuts > MAX_CUTS) throw brokenOff(key, at, end, `${MAX_CUTS} attempts to go on failed`, cause);
      await sleep(world, pauseAfter(cuts, PAUSES, world.random()), signal);
      try {
        return await reopen(at, signal);
      } catch (error) {
        cause = error;
      }
    }
  }
}

/** Ends with an error where nothing comes for too long. */
async function* impatient(world: World, stream: Readable, idleMs: number): AsyncGenerator<Buffer> {
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    // Only while somebody waits: who reads slowly is no fault of the server.
    const timer = world.after(idleMs, () => stream.destroy(new Error(`nothing came for ${idleMs} ms`)));
    const { done, value } = await iterator.next().finally(() => timer.cancel());
    if (done) return;
    yield Buffer.isBuffer(value) ? value : Buffer.from(value);
  }
}

function brokenOff(key: string, at: number, end: number, why: string, cause?: unknown): TenfoldError {
  const text = cause instanceof Error ? ` (${cause.message})` : '';
  return new TenfoldError(
    'store-unavailable',
    `The content of '${key}' broke off at byte ${at} of ${end}, and ${why}${text}. Read it again.`,
    { cause },
  );
}
