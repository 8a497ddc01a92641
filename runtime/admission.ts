// How many requests run and how many wait: the limits of one instance, as plain bookkeeping.

export interface Limits {
  /** Running at the same time; 0 is unlimited. */
  readonly concurrency: number;
  readonly queue: number;
}

export interface Admission<T> {
  readonly running: number;
  readonly waiting: number;
  /** `run` now, `wait` for a turn, or `refuse`. */
  enter(item: T): 'run' | 'wait' | 'refuse';
  /** One that ran has ended; gives the next one to run, if any waits. */
  leave(): T | undefined;
  /** One that waits gives up. */
  abandon(item: T): void;
}

export function createAdmission<T>(limits: Limits): Admission<T> {
  // A Set keeps the order of arrival and forgets an abandoned one at no cost.
  const queue = new Set<T>();
  let running = 0;
  return {
    get running() {
      return running;
    },
    get waiting() {
      return queue.size;
    },
    enter(item) {
      if (limits.concurrency === 0 || running < limits.concurrency) {
        running++;
        return 'run';
      }
      if (queue.size >= limits.queue) return 'refuse';
      queue.add(item);
      return 'wait';
    },
    leave() {
      for (const next of queue) {
        queue.delete(next);
        return next;
      }
      running--;
      return undefined;
    },
    abandon: item => {
      queue.delete(item);
    },
  };
}
