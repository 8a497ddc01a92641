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

interface StoredDocument<T> {
  /**
   * Milliseconds since 1970, and later than in the replaced document. A store that has lost its
   * newest changes shows by that.
   */
  readonly at: number;
  readonly value: T;
}

export function createDocument<T>(options: DocumentOptions<T>): SharedDocument<T> {
  const { world, store, hints, key, initial, parse } = options;
  const listeners = new Set<(now: T, before: T) => void>();
  let stored: StoredDocument<T> = { at: 0, value: initial };
  let known = false;
  let closed = false;
  let timer: Timer | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  /** One after the other: an answer that is late must not undo a newer one. */
  const inTurn = <R>(work: () => Promise<R>): Promise<R> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => {});
    return turn;
  };

  const decode = (entry: StoreEntry | undefined): StoredDocument<T> => {
    if (entry === undefined) return { at: 0, value: initial };
    try {
      const found: unknown = JSON.parse(Buffer.from(entry.value).toString());
      const isEnveloped = typeof found === 'object' && found !== null && 'at' in found && 'value' in found;
      // Without one an earlier version wrote it.
      return isEnveloped ? { at: Number(found.at), value: parse(found.value) } : { at: 0, value: parse(found) };
    } catch (cause) {
      throw new TenfoldError(
        'data-corrupt',
        `The document in the store under ${CONTROL_SCOPE}/${key} cannot be read.`,
        {
          cause,
        },
      );
    }
  };

  const take = (next: StoredDocument<T>) => {
    const before = stored;
    known = true;
    if (next.at < before.at || (next.at === before.at && before.at !== 0)) return;
    stored = next;
    if (JSON.stringify(next.value) === JSON.stringify(before.value)) return;
    for (const listener of [...listeners]) listener(next.value, before.value);
  };

  const write = async (next: StoredDocument<T>, over: StoreEntry | undefined): Promise<boolean> => {
    const when = over === undefined ? 'absent' : { version: over.version };
    const { written } = await store.put(CONTROL_SCOPE, key, JSON.stringify(next), { ttlMs: TTL_MS, when });
    return written;
  };

  const look = async () => {
    const entry = await store.get(CONTROL_SCOPE, key);
    const found = decode(entry);
    // The store has lost it, as by a failover; a process that knows it writes it again.
    if (found.at < stored.at) await write(stored, entry);
    else take(found);
  };

  const lookAgain = () => {
    timer?.cancel();
    if (closed) return;
    timer = world.after(jittered(LOOK_MS, world.random()), () => {
      inTurn(look)
        .catch(() => {})
        .finally(lookAgain);
    });
  };

  const deaf = hints?.listen(CHANGED, about => {
    if (about === key && !closed) inTurn(look).catch(() => {});
  });
  if (hints) lookAgain();

  return {
    get current() {
      return stored.value;
    },
    get known() {
      return known;
    },
    read: () => inTurn(look),
    async load() {
      if (hints === undefined) return inTurn(look);
      const patience = new AbortController();
      const late = sleep(world, PATIENCE_MS, patience.signal).catch(() => {});
      await Promise.race([inTurn(look).catch(() => late), late]);
      patience.abort(new Error('It has been read.'));
    },
    update: change =>
      inTurn(async () => {
        for (;;) {
          const entry = await store.get(CONTROL_SCOPE, key);
          const found = decode(entry);
          const now = found.at < stored.at ? stored : found;
          take(now);
          const value = change(now.value);
          if (value === now.value) return value;
          const next = { at: Math.max(now.at + 1, world.now()), value };
          if (!(await write(next, entry))) continue;
          take(next);
          hints?.tell(CHANGED, key);
          return value;
        }
      }),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      timer?.cancel();
      deaf?.();
    },
  };
}
