// A small document of people's decisions, such as paused consumers: kept in the store, the same in
// every process within a second, also after restarts.
import { TenfoldError } from '../../core/errors.ts';
import { jittered } from '../../core/retry/backoff.ts';
import { sleep, type Timer, type World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Keys, StoreEntry } from '../../drivers/store/store.ts';

export interface SharedDocument<T> {
  /** The value of the last reading; at first `initial`. */
  readonly current: T;
  /** Whether it has been read since the start. */
  readonly known: boolean;
  /** Reads it. Rejects as the store does. */
  read(): Promise<void>;
  /**
   * Loads the value before anything else, for at most a few seconds: a shared store that is away is
   * read as soon as it is back.
   */
  load(): Promise<void>;
  /**
   * Changes the current value, whichever process changed it before; resolves once the change is
   * durable. `change` may be called again. It throws to leave the value as it is, and returns the
   * same value when there is nothing to do. After `store-unavailable` the change may have been made
   * all the same.
   */
  update(change: (now: T) => T): Promise<T>;
  /** Called after each change, whichever process made it. Must not throw. */
  listen(listener: (now: T, before: T) => void): () => void;
  close(): void;
}

export interface DocumentOptions<T> {
  readonly world: World;
  readonly store: Pick<Keys, 'get' | 'put'>;
  /** Undefined where no other process has the store: then nothing else changes it. */
  readonly hints: Hints | undefined;
  readonly key: string;
  readonly initial: T;
  /** Throws for an invalid value. */
  parse(value: unknown): T;
}

export const CONTROL_SCOPE = 'control';
const CHANGED = 'control changed';
/** With a jitter of a quarter, a change is seen within a second. */
const LOOK_MS = 750;
const PATIENCE_MS = 5_000;
const TTL_MS = 10 * 365 * 86_400_000;

interface Stored<T> {
  /**
   * Milliseconds since 1970, and later than in the replaced document. A store that has lost its
   * newest changes shows by that.
   */
  readonly at: number;
  readonly value: T;
}

export function createDocument<T>(options: DocumentOptions<T>): SharedDocument<T> {
  return new StoredDocument(options);
}

class StoredDocument<T> implements SharedDocument<T> {
  readonly #options: DocumentOptions<T>;
  readonly #listeners = new Set<(now: T, before: T) => void>();
  /** Ends the listening for hints; undefined where no other process has the store. */
  readonly #deaf: (() => void) | undefined;
  #stored: Stored<T>;
  #known = false;
  #closed = false;
  #timer: Timer | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: DocumentOptions<T>) {
    const { hints, key, initial } = options;
    this.#options = options;
    this.#stored = { at: 0, value: initial };
    this.#deaf = hints?.listen(CHANGED, about => {
      if (about === key && !this.#closed) this.read().catch(() => {});
    });
    if (hints) this.#lookAgain();
  }

  get current(): T {
    return this.#stored.value;
  }

  get known(): boolean {
    return this.#known;
  }

  read(): Promise<void> {
    return this.#inTurn(() => this.#look());
  }

  async load(): Promise<void> {
    const { world, hints } = this.#options;
    if (hints === undefined) return this.read();
    const patience = new AbortController();
    const late = sleep(world, PATIENCE_MS, patience.signal).catch(() => {});
    await Promise.race([this.read().catch(() => late), late]);
    patience.abort(new Error('It has been read.'));
  }

  update(change: (now: T) => T): Promise<T> {
    return this.#inTurn(() => this.#change(change));
  }

  listen(listener: (now: T, before: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#deaf?.();
  }

  /** One after the other: an answer that is late must not undo a newer one. */
  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #look(): Promise<void> {
    const { store, key } = this.#options;
    const entry = await store.get(CONTROL_SCOPE, key);
    const found = decode(entry, this.#options);
    // The store has lost the newest change, as by a failover: this process writes it again.
    if (found.at < this.#stored.at) await this.#write(this.#stored, entry);
    else this.#take(found);
  }

  async #change(change: (now: T) => T): Promise<T> {
    const { world, store, hints, key } = this.#options;
    for (;;) {
      const entry = await store.get(CONTROL_SCOPE, key);
      const found = decode(entry, this.#options);
      const now = found.at < this.#stored.at ? this.#stored : found;
      this.#take(now);
      const value = change(now.value);
      if (value === now.value) return value;
      const next = { at: Math.max(now.at + 1, world.now()), value };
      if (!(await this.#write(next, entry))) continue;
      this.#take(next);
      hints?.tell(CHANGED, key);
      return value;
    }
  }

  /** Returns false where another process has changed it meanwhile. */
  async #write(next: Stored<T>, over: StoreEntry | undefined): Promise<boolean> {
    const when = over === undefined ? 'absent' : { version: over.version };
    const { store, key } = this.#options;
    const { written } = await store.put(CONTROL_SCOPE, key, JSON.stringify(next), { ttlMs: TTL_MS, when });
    return written;
  }

  #take(next: Stored<T>): void {
    const before = this.#stored;
    this.#known = true;
    if (next.at < before.at || (next.at === before.at && before.at !== 0)) return;
    this.#stored = next;
    if (JSON.stringify(next.value) === JSON.stringify(before.value)) return;
    for (const listener of [...this.#listeners]) listener(next.value, before.value);
  }

  #lookAgain(): void {
    const { world } = this.#options;
    this.#timer?.cancel();
    if (this.#closed) return;
    this.#timer = world.after(jittered(LOOK_MS, world.random()), () => {
      this.read()
        .catch(() => {})
        .finally(() => this.#lookAgain());
    });
  }
}

function decode<T>(
  entry: StoreEntry | undefined,
  { key, initial, parse }: Pick<DocumentOptions<T>, 'key' | 'initial' | 'parse'>,
): Stored<T> {
  if (entry === undefined) return { at: 0, value: initial };
  try {
    const found: unknown = JSON.parse(Buffer.from(entry.value).toString());
    const isEnveloped = typeof found === 'object' && found !== null && 'at' in found && 'value' in found;
    // An earlier version wrote the value alone.
    return isEnveloped ? { at: Number(found.at), value: parse(found.value) } : { at: 0, value: parse(found) };
  } catch (cause) {
    throw new TenfoldError('data-corrupt', `The document in the store under ${CONTROL_SCOPE}/${key} cannot be read.`, {
      cause,
    });
  }
}
