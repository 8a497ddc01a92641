// Looks at a platform again and again while somebody reads the stream of changes, and keeps what
// readers need to go on after a pause.
import { TenfoldError } from '../../core/errors.ts';
import type { Timer, World } from '../../core/world.ts';
import type { PlatformView } from '../platform-view.ts';
import { LiveState, type Look } from './live-state.ts';
import { createLook } from './look.ts';

export interface LiveReader {
  /** Of the caller. */
  readonly caller: string;
  /** There is a look that it has not seen. Must not throw. */
  news(): void;
  /** The platform ends it. */
  end(why: TenfoldError): void;
}

export interface LiveOptions {
  readonly world: World;
  readonly look: () => Promise<Look>;
  /** A look failed by a fault of ours. */
  readonly onError: (error: unknown) => void;
}

/** The least time between two looks. */
const LOOK_MS = 500;
const LONGEST_MS = 10_000;
/** A look takes at most this part of the time. */
const SHARE = 1 / 33;
/** So long after the last reader has left, the state is kept for its return. */
const KEPT_MS = 600_000;
export const MOST_OF_CALLER = 20;
const MOST_READERS = 200;

export class Live {
  readonly #options: LiveOptions;
  readonly #readers = new Set<LiveReader>();
  #state = new LiveState();
  #epoch: string;
  /** Whether somebody has looked since the first reader came. */
  #isFresh = false;
  #isLooking = false;
  #isClosed = false;
  #timer: Timer | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#epoch = newEpoch(options.world);
  }

  get world(): World {
    return this.#options.world;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** The name of this numbering; another process has another one. */
  get epoch(): string {
    return this.#epoch;
  }

  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** Throws `too-many-requests`, and `shutting-down`. The returned function takes it out again. */
  join(reader: LiveReader): () => void {
    const { caller } = reader;
    if (this.#isClosed) throw shuttingDown();
    const own = [...this.#readers].filter(each => each.caller === caller).length;
    if (own >= MOST_OF_CALLER || this.#readers.size >= MOST_READERS) {
      const who = own >= MOST_OF_CALLER ? `"${caller}" follows` : 'Callers follow';
      const many = own >= MOST_OF_CALLER ? own : this.#readers.size;
      const message = `${who} changes of this process in ${many} streams, and more are not served. Close one, or poll the lists.`;
      throw new TenfoldError('too-many-requests', message, { retryAfterSeconds: 10 });
    }
    this.#readers.add(reader);
    if (this.#readers.size === 1) this.#schedule(0);
    return () => {
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.#rest();
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const reader of [...this.#readers]) reader.end(shuttingDown());
    this.#timer?.cancel();
  }

  #schedule(ms: number): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    this.#timer = this.#options.world.after(ms, () => void this.#lookAgain());
  }

  async #lookAgain(): Promise<void> {
    // One that is under way goes on when it has ended.
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { world, look, onError } = this.#options;
    const began = world.monotonic();
    try {
      this.#state.take(await look());
      this.#isFresh = this.#readers.size > 0;
    } catch (error) {
      onError(error);
    }
    this.#isLooking = false;
    if (this.#readers.size === 0) return this.#rest();
    if (this.#isFresh) for (const reader of [...this.#readers]) reader.news();
    const took = world.monotonic() - began;
    this.#schedule(Math.min(Math.max(LOOK_MS, took / SHARE), LONGEST_MS));
  }

  /** Looks no more, as there is no reader, and forgets after a while. */
  #rest(): void {
    this.#isFresh = false;
    this.#timer?.cancel();
    if (this.#isClosed) return;
    this.#timer = this.#options.world.after(KEPT_MS, () => {
      this.#state = new LiveState();
      this.#epoch = newEpoch(this.#options.world);
    });
  }
}

export function createLive(view: PlatformView, world: World, onError: (error: unknown) => void): Live {
  return new Live({ world, look: createLook(view, world), onError });
}

function newEpoch(world: World): string {
  return world.id().replaceAll('-', '').slice(0, 12);
}

function shuttingDown(): TenfoldError {
  return new TenfoldError('shutting-down', 'The process is shutting down. Read on from another one, or later.');
}
