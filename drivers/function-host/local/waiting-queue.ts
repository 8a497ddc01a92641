// Requests that wait for a place at a function, first come first served; each
// leaves when its signal aborts.

interface Waiter<T> {
  serve(value: T): void;
  refuse(error: unknown): void;
}

export interface WaitingQueue<T> {
  readonly size: number;
  join(signal: AbortSignal): Promise<T>;
  /** Gives `value` to the first in line, of which there must be one. */
  serve(value: T): void;
  refuseAll(error: unknown): void;
}

export function createWaitingQueue<T>(): WaitingQueue<T> {
  // A Set keeps the order of arrival and lets anyone leave in constant time.
  const line = new Set<Waiter<T>>();
  return {
    get size() {
      return line.size;
    },
    join(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const leave = () => {
          line.delete(waiter);
          signal.removeEventListener('abort', onAbort);
        };
        const onAbort = () => waiter.refuse(signal.reason);
        const waiter: Waiter<T> = {
          serve(value) {
            leave();
            resolve(value);
          },
          refuse(error) {
            leave();
            reject(error);
          },
        };
        line.add(waiter);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    serve(value) {
      line.values().next().value?.serve(value);
    },
    refuseAll(error) {
      for (const waiter of [...line]) waiter.refuse(error);
    },
  };
}
