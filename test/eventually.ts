// Waits for what happens in another process or on another connection, with an end to it.

/**
 * So generous that a busy machine decides nothing: a test fails by it only where what
 * it waits for never happens.
 */
const WITHIN_MS = 2 * 60_000;

export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string | (() => string),
  withinMs = WITHIN_MS,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
