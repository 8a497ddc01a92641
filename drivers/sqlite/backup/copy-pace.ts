// How fast a back-up goes: never faster than it may, and slower where disk and
// processor have others to serve.

export interface CopyPaceOptions {
  /** Not faster than so many bytes a second. */
  readonly bytesPerSecond: number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Stands still for so many milliseconds. */
  pause(ms: number): void;
}

/**
 * For each millisecond of work: so it takes a quarter of what it works with at most, however slow
 * that has become by what others ask of it.
 */
const PAUSE_SHARE = 3;
/**
 * A step may have waited for a disk that stood still, and nobody gains by
 * waiting as long again and again.
 */
const LONGEST_PAUSE_MS = 2000;
/** Shorter pauses are gathered: each costs something. */
const SHORTEST_PAUSE_MS = 5;

/** Called after each step, with the bytes that it has copied. */
export function createCopyPace({ bytesPerSecond, now, pause }: CopyPaceOptions): (bytes: number) => void {
  let owedMs = 0;
  let workedMs = 0;
  let since = now();
  return bytes => {
    const tookMs = now() - since;
    workedMs += tookMs;
    owedMs += Math.max((bytes / bytesPerSecond) * 1000 - tookMs, 0);
    const forMs = Math.max(owedMs, Math.min(workedMs * PAUSE_SHARE, LONGEST_PAUSE_MS));
    if (forMs >= SHORTEST_PAUSE_MS) {
      pause(forMs);
      owedMs = 0;
      workedMs = 0;
    }
    since = now();
  };
}
