// Waits for what other processes do: asks again until it holds, and says what was
// missing when the time is up.
import { setTimeout as pause } from 'node:timers/promises';

const WITHIN_MS = 2 * 60_000;

export async function until<T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>;
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await pause(20);
  }
}
