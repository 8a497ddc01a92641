// Waits for what happens in another process or on another connection, with an end to it.

export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 5000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
