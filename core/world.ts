// Clock, timers, randomness and ids as one parameter, so that a simulation can replace them. The
// only file that may touch the globals.
import { randomUUID } from 'node:crypto';
import { isRfc3339 } from './cloudevents/rfc3339.ts';

export interface Timer {
  cancel(): void;
}

export interface World {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Monotonic clock, milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Calls `run` once after `ms` milliseconds. A pending timer does not keep the process alive. */
  after(ms: number, run: () => void): Timer;
  /** Uniform in [0, 1). */
  random(): number;
  /** A fresh unique id (UUID v4). */
  id(): string;
}

/** setTimeout's largest delay; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const realWorld: World = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: afterReading,
  random: () => Math.random(),
  id: () => randomUUID(),
};

/** RFC 3339 in UTC for milliseconds since 1970-01-01T00:00:00Z, e.g. `2026-01-31T12:00:00.000Z`. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Milliseconds since 1970 of an RFC 3339 timestamp; undefined for anything else. A leap
 * second is the second before it.
 */
export function parseTimestamp(text: string): number | undefined {
  if (!isRfc3339(text)) return undefined;
  return Date.parse(text.startsWith(':60', 16) ? `${text.slice(0, 16)}:59${text.slice(19)}` : text);
}

const STEP_MS = 100;

/**
 * `ms`, or up to a tenth of a second less: such that it ends with a tenth of a second of the
 * monotonic clock. Thousands of occasional timers then wake the process only ten times a second,
 * and the messages they send go out together.
 */
export function inStep(world: World, ms: number): number {
  const now = world.monotonic();
  const left = Math.floor((now + ms) / STEP_MS) * STEP_MS - now;
  return left > ms / 2 ? left : ms;
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as `signal` aborts. */
export function sleep(world: Pick<World, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = world.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Calls `run` after `ms`, once the process has read what its sockets have. Node fires timers before
 * it reads: after a pause of the process a deadline would pass over an answer that has come long
 * ago. The caller that gets that answer cancels the timer.
 */
function afterReading(ms: number, run: () => void): Timer {
  let immediate: NodeJS.Immediate | undefined;
  // Not `unref`: Node does not wake for such an immediate, so that it would run with whatever
  // happens next, which may be never.
  const fire = () => {
    immediate = setImmediate(run);
  };
  const timeout = setTimeout(fire, Math.min(Math.max(ms, 0), MAX_DELAY_MS));
  timeout.unref();
  return {
    cancel() {
      clearTimeout(timeout);
      clearImmediate(immediate);
    },
  };
}
