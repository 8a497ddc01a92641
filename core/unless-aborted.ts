// Waits for work no longer than a signal allows.

/**
 * Rejects with the reason of the signal as soon as it aborts. The result of the work is then
 * dropped, and its failure is no error of its own.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
