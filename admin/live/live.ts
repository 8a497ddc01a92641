// Looks at a platform again and again while somebody reads the stream of changes, and keeps what
// readers need to go on after a pause.
import { TenfoldError } from '../../core/errors.ts';
import type { Timer, World } from '../../core/world.ts';
import type { Gathered } from '../gathered.ts';
import type { PlatformView } from '../platform-view.ts';
import { LiveState, type Look } from './live-state.ts';
import { createLook } from './look.ts';
import { SharedAnswers } from './shared-answers.ts';
import { Turns } from './turns.ts';

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

interface Beside {
  readonly seats: Set<LiveReader>;
  readonly turns: Turns;
  /** The ones that have a reader. */
  readonly read: Set<Live>;
}

/** The least time between two looks. */
const LOOK_MS = 500;
const LONGEST_MS = 10_000;
/** A look takes at most this part of the time. */
const SHARE = 1 / 100;
/** For those who look at one thing. */
const TURNS = { share: 1 / 10, longestMs: 5_000 };
/** So long after the last reader has left, the state is kept for its return. */
const KEPT_MS = 600_000;
/** No answer stays for longer: something of it may not have been looked at. */
const ANSWER_MS = 300_000;
export const MOST_OF_CALLER = 20;
const MOST_READERS = 200;

export class Live {
  readonly answers = new SharedAnswers();
  readonly #options: LiveOptions;
  readonly #readers = new Set<LiveReader>();
  /** The readers of this one and of all beside it. */
  readonly #seats: Set<LiveReader>;
  readonly #turns: Turns;
  readonly #beside = new Set<Live>();
  /** Undefined for the one that looks at everything. */
  readonly #among: Set<Live> | undefined;
  #state = new LiveState();
  #epoch: string;
  /** Whether somebody has looked since the first reader came. */
  #isFresh = false;
  #isLooking = false;
  #isClosed = false;
  #timer: Timer | undefined;
  /** `at` is the moment at which it began. */
  #look: { readonly at: number; readonly gathered: Gathered | undefined } | undefined;

  constructor(options: LiveOptions, beside?: Beside) {
    this.#options = options;
    this.#seats = beside?.seats ?? new Set();
    this.#turns = beside?.turns ?? new Turns(options.world, TURNS);
    this.#among = beside?.read;
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

  /** The newest look, where somebody follows changes and it is younger than this. */
  lookWithin(ms: number): { readonly version: string; readonly gathered: Gathered } | undefined {
    const { at = Number.NEGATIVE_INFINITY, gathered } = this.#look ?? {};
    if (!this.#isFresh || gathered === undefined || this.world.monotonic() - at >= ms) return undefined;
    const period = Math.floor(this.world.monotonic() / ANSWER_MS);
    return { version: `${this.#state.version}.${period}`, gathered };
  }

  /** Throws `too-many-requests`, and `shutting-down`. The returned function takes it out again. */
  join(reader: LiveReader): () => void {
    const { caller } = reader;
    if (this.#isClosed) throw shuttingDown();
    const own = [...this.#seats].filter(each => each.caller === caller).length;
    if (own >= MOST_OF_CALLER || this.#seats.size >= MOST_READERS) {
      const who = own >= MOST_OF_CALLER ? `"${caller}" follows` : 'Callers follow';
      const many = own >= MOST_OF_CALLER ? own : this.#seats.size;
      const message = `${who} changes of this process in ${many} streams, and more are not served. Close one, or poll the lists.`;
      throw new TenfoldError('too-many-requests', message, { retryAfterSeconds: 10 });
    }
    this.#readers.add(reader);
    this.#seats.add(reader);
    this.#among?.add(this);
    if (this.#readers.size === 1) this.#schedule(0);
    return () => {
      this.#readers.delete(reader);
      this.#seats.delete(reader);
      if (this.#readers.size === 0) this.#rest();
    };
  }

  /**
   * Looks at one thing for one reader, and ends when that reader leaves. All of them take turns,
   * and their readers count as those of this one. `first` is what it tells at once.
   */
  beside(first: Look, look: LiveOptions['look']): Live {
    if (this.#isClosed) throw shuttingDown();
    const turns = this.#turns;
    let known: Look | undefined = first;
    const options: LiveOptions = {
      ...this.#options,
      async look() {
        const told = known;
        known = undefined;
        return told ?? turns.take(look);
      },
    };
    return new Live(options, { seats: this.#seats, turns, read: this.#beside });
  }

  close(): void {
    for (const one of [...this.#beside]) one.close();
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
      const found = await look();
      this.#state.take(found);
      this.#look = { at: began, gathered: found.gathered };
      this.#isFresh = this.#readers.size > 0;
    } catch (error) {
      onError(error);
    }
    this.#isLooking = false;
    if (this.#readers.size === 0) return this.#rest();
    if (this.#isFresh) for (const reader of [...this.#readers]) reader.news();
    // The ones beside it wait for their turns instead.
    const took = this.#among ? 0 : world.monotonic() - began;
    this.#schedule(Math.min(Math.max(LOOK_MS, took / SHARE), LONGEST_MS));
  }

  /** Looks no more, as there is no reader, and forgets after a while. */
  #rest(): void {
    this.#isFresh = false;
    this.#look = undefined;
    this.#timer?.cancel();
    this.#among?.delete(this);
    if (this.#among || this.#isClosed) return;
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
