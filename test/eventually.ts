// Waits for what happens in another process or on another connection, with an end to it.

/**
 * So generous that a busy machine decides nothing: a test fails by it only where what
 * it waits for never happens.
 */
const WITHIN_MS = 2 * 60_000;
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 25;

export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string | (() => string),
  withinMs = WITHIN_MS,
): Promise<void> {
  const begun = Date.now();
  while (!(await holds())) {
    const waited = Date.now() - begun;
    if (waited > withinMs) throw new Error(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    // What took longer is asked less often: a tenth later at most, and other processes compute.
    const pause = Math.min(Math.max(SHORTEST_PAUSE_MS, waited / 10), LONGEST_PAUSE_MS);
    await new Promise(resolve => setTimeout(resolve, pause));
  }
}
