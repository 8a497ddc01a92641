// Watches the deadlines of all open requests with one timer for the earliest: two set operations a
// request instead of a timer each.

export interface Expiring {
  /** On the monotonic clock, milliseconds. */
  readonly expiresAt: number;
}

export interface Deadlines<T extends Expiring> {
  readonly open: ReadonlySet<T>;
  add(item: T): void;
  remove(item: T): void;
  close(): void;
}

/**
 * `onExpired` is called once for each item that is still there at its
 * deadline; the item is not removed.
 */
export function createDeadlines<T extends Expiring>(now: () => number, onExpired: (item: T) => void): Deadlines<T> {
  const open = new Set<T>();
  const expired = new WeakSet<T>();
  let armedFor = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function arm(at: number): void {
    clearTimeout(timer);
    armedFor = at;
    // The event loop's clock may be up to a millisecond behind: one more, so that a wake-up never
    // comes too early. The check runs after the sockets have been read: the answer may have come
    // while this process stood still.
    timer = setTimeout(() => setImmediate(check), Math.max(1, Math.ceil(at - now()) + 1)).unref();
  }

  function check(): void {
    armedFor = Number.POSITIVE_INFINITY;
    const moment = now();
    let next = Number.POSITIVE_INFINITY;
    for (const item of open) {
      if (expired.has(item)) continue;
      if (item.expiresAt <= moment) {
        expired.add(item);
        onExpired(item);
      } else if (item.expiresAt < next) next = item.expiresAt;
    }
    if (next !== Number.POSITIVE_INFINITY) arm(next);
  }

  return {
    open,
    add(item) {
      open.add(item);
      if (item.expiresAt < armedFor) arm(item.expiresAt);
    },
    remove: item => {
      open.delete(item);
    },
    close: () => clearTimeout(timer),
  };
}
