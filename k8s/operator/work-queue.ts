// Works keys one after another, each at most once at a time. A key that is added twice before its
// turn is one piece of work; a key that fails comes again later.

import { type Backoff, pauseAfter } from '../../core/retry/backoff.ts';
import type { Timer, World } from '../../core/world.ts';

export interface WorkQueue {
  /** Keys that wait for their turn. */
  readonly size: number;
  /** Soon. A key that is being worked on comes again afterwards. */
  add(key: string): void;
  /** Not before `ms` from now, unless it is added otherwise. */
  addAfter(key: string, ms: number): void;
  /** Waits for work under way. No new work begins. */
  close(): Promise<void>;
}

export interface WorkQueueOptions {
  readonly world: World;
  readonly concurrency: number;
  readonly backoff: Backoff;
  /** A rejection brings the key back. */
  work(key: string, signal: AbortSignal): Promise<void>;
  failed(key: string, error: unknown, failures: number): void;
}

export function createWorkQueue({ world, concurrency, backoff, work, failed }: WorkQueueOptions): WorkQueue {
  const waiting = new Set<string>();
  const working = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();
  const later = new Map<string, Timer>();
  const stop = new AbortController();

  const take = () => {
    for (const key of waiting) {
      if (working.size >= concurrency || stop.signal.aborted) return;
      if (working.has(key)) continue;
      waiting.delete(key);
      later.get(key)?.cancel();
      later.delete(key);
      working.set(key, run(key));
    }
  };
  async function run(key: string): Promise<void> {
    try {
      await work(key, stop.signal);
      failures.delete(key);
    } catch (error) {
      if (stop.signal.aborted) return;
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      failed(key, error, count);
      queue.addAfter(key, pauseAfter(count, backoff, world.random()));
    } finally {
      working.delete(key);
      take();
    }
  }

  const queue: WorkQueue = {
    get size() {
      return waiting.size;
    },
    add(key) {
      if (stop.signal.aborted) return;
      waiting.add(key);
      // In a turn of its own, so that no work begins while a caller still adds keys.
      queueMicrotask(take);
    },
    addAfter(key, ms) {
      if (stop.signal.aborted) return;
      later.get(key)?.cancel();
      const timer = world.after(ms, () => {
        later.delete(key);
        queue.add(key);
      });
      later.set(key, timer);
    },
    async close() {
      stop.abort(new Error('The queue is closed.'));
      waiting.clear();
      for (const timer of later.values()) timer.cancel();
      later.clear();
      await Promise.allSettled(working.values());
    },
  };
  return queue;
}
