// Reminds the store of what it was told last when it may have forgotten that: a Redis that fails
// over lacks what had not reached its replica.
import { TenfoldError } from '../../core/errors.ts';
import { sleep, type Timer, type World } from '../../core/world.ts';
import type { Keys, Store } from './store.ts';

export interface Reminders {
  /**
   * Repeats `tell` whenever, within a minute, the store may have forgotten the write; it changes
   * nothing where the store still has it. `bytes`: its size, about. `agoMs`: the time since it was
   * remembered, so that what has a time to live gets no more of it. Without `isAcknowledged` the
   * store has not confirmed the write, and it is repeated until the store has.
   */
  remember(bytes: number, tell: Tell, isAcknowledged?: boolean): void;
  /**
   * Goes on until the store still has every write two seconds after it, for at most `graceMs`
   * milliseconds and ten seconds: after that no process is left to remind it. Checks once in any
   * case. Never rejects.
   */
  close(graceMs: number): Promise<void>;
}

type Tell = (agoMs: number) => Promise<unknown>;

export interface RemindersOptions {
  readonly world: World;
  readonly store: Pick<Store, 'keeper'>;
  /**
   * The store may have forgotten something, and knows again all `count` that it was told in the
   * last `heldMs` milliseconds. That is a minute, or less where more was told in it than is kept.
   */
  readonly reminded: (count: number, heldMs: number) => void;
}

/** For a store that forgets nothing. */
export const noReminders: Reminders = { remember() {}, close: async () => {} };

/** By then a replica has what its primary was told, or is not one that would be promoted. */
const REPLICATED_MS = 2_000;
/** A store that is away must not hold up the end for longer. */
const LONGEST_END_MS = 10_000;
/** A server that others no longer see goes on answering for less than that. */
export const KEEP_MS = 60_000;
const LOOK_MS = 1_000;
/** More is not kept: the oldest is left to the store. */
const MAX_BYTES = 32 * 1024 * 1024;
const OVERHEAD_BYTES = 300;
const AT_ONCE = 32;

/**
 * Writes over what has `version`, or where nothing is; what another has put there since stays.
 * Reminded of, it is written again in the same way. Rejects as the store does; then it is tried on.
 */
export async function putLasting(
  store: Pick<Keys, 'put'>,
  reminders: Reminders,
  { scope, key, value, ttlMs, version }: Lasting,
): Promise<void> {
  const tell = async (agoMs: number) => {
    const leftMs = ttlMs - agoMs;
    if (leftMs <= 0) return;
    const outcome = await store.put(scope, key, value, { ttlMs: leftMs, when: { version } });
    if (!outcome.written && !outcome.entry) await store.put(scope, key, value, { ttlMs: leftMs, when: 'absent' });
  };
  try {
    await tell(0);
  } catch (error) {
    if (mayPass(error)) reminders.remember(value.length, tell, false);
    throw error;
  }
  reminders.remember(value.length, tell);
}

export interface Lasting extends Met {
  readonly version: string;
}

/**
 * Reminds the store of what it was found to hold, where this process relies on that: the process
 * that wrote it may be gone. What the store has under the key by then stays.
 */
export function remindOfMet(store: Pick<Keys, 'put'>, reminders: Reminders, { scope, key, value, ttlMs }: Met): void {
  reminders.remember(value.length, async agoMs => {
    const leftMs = ttlMs - agoMs;
    if (leftMs > 0) await store.put(scope, key, value, { ttlMs: leftMs, when: 'absent' });
  });
}

export interface Met {
  readonly scope: string;
  readonly key: string;
  readonly value: string;
  /** What is left of it, milliseconds; none with 0 or less. */
  readonly ttlMs: number;
}

interface RecentWrite {
  readonly at: number;
  readonly bytes: number;
  readonly tell: Tell;
  isAcknowledged: boolean;
}

export function createReminders({ world, store, reminded }: RemindersOptions): Reminders {
  /** In the order in which they came. */
  const recent = new Set<RecentWrite>();
  let bytes = 0;
  let newestAt = Number.NEGATIVE_INFINITY;
  /** When that was told which no longer had room. */
  let leftOutAt = Number.NEGATIVE_INFINITY;
  /** The server that took the writes so far; undefined until that has been asked once. */
  let keeper: string | undefined;
  let timer: Timer | undefined;
  let looking: Promise<void> | undefined;
  let closed = false;

  const forget = (each: RecentWrite) => {
    if (recent.delete(each)) bytes -= each.bytes;
  };

  const tellThose = async (all: RecentWrite[]) => {
    const tell = async () => {
      for (let each = all.pop(); each !== undefined; each = all.pop()) {
        await each.tell(world.monotonic() - each.at).catch(throwIfMayPass);
        each.isAcknowledged = true;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, tell));
  };

  const look = async () => {
    const now = world.monotonic();
    const answers = await store.keeper();
    const isAnother = answers !== keeper;
    const those = [...recent].filter(({ isAcknowledged }) => isAnother || !isAcknowledged);
    const count = those.length;
    // Told again first: who fails on the way begins anew.
    await tellThose(those);
    if (isAnother && count > 0) reminded(count, Math.min(KEEP_MS, now - leftOutAt));
    keeper = answers;
    for (const each of recent) {
      if (each.at > now - KEEP_MS) break;
      forget(each);
    }
  };

  const lookOnce = () => {
    looking ??= look()
      .catch(() => {})
      .finally(() => {
        looking = undefined;
        lookLater();
      });
    return looking;
  };

  const lookLater = () => {
    if (closed || recent.size === 0) return;
    timer ??= world.after(LOOK_MS, () => {
      timer = undefined;
      void lookOnce();
    });
  };

  void lookOnce();
  return {
    remember(size, tell, isAcknowledged = true) {
      newestAt = world.monotonic();
      const each = { at: newestAt, bytes: size + OVERHEAD_BYTES, tell, isAcknowledged };
      recent.add(each);
      bytes += each.bytes;
      for (const oldest of recent) {
        if (bytes <= MAX_BYTES) break;
        forget(oldest);
        leftOutAt = oldest.at;
      }
      lookLater();
    },
    async close(graceMs) {
      const end = world.monotonic() + Math.min(graceMs, LONGEST_END_MS);
      closed = true;
      timer?.cancel();
      await looking;
      while (recent.size > 0) {
        const askedAt = world.monotonic();
        const isAcknowledged = await look().then(
          () => true,
          () => false,
        );
        const left = end - world.monotonic();
        if (left <= 0 || (isAcknowledged && askedAt >= newestAt + REPLICATED_MS)) return;
        await sleep(world, Math.min(left, LOOK_MS));
      }
    },
  };
}

/** A write that the store will never take must not hold up all others. */
function throwIfMayPass(error: unknown): void {
  if (mayPass(error)) throw error;
}

function mayPass(error: unknown): boolean {
  return error instanceof TenfoldError && error.retryable;
}
