// The keys of objects to reconcile. Only the leader works them: keys that are added in other
// processes are dropped, since a new leader begins with all objects.
import type { WorkQueue } from './work-queue.ts';

export class ReconcileQueue {
  #queue: WorkQueue | undefined;

  /** Keys that wait for their turn. */
  get size(): number {
    return this.#queue?.size ?? 0;
  }

  add(key: string): void {
    this.#queue?.add(key);
  }

  addAll(keys: Iterable<string>): void {
    for (const key of keys) this.add(key);
  }

  /** Takes keys until `work` has resolved; then waits for the work on objects that has begun. */
  async take(queue: WorkQueue, work: () => Promise<void>): Promise<void> {
    this.#queue = queue;
    try {
      await work();
    } finally {
      this.#queue = undefined;
      await queue.close();
    }
  }
}
