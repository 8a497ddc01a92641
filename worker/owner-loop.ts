// Works on a partition as long as this process owns it, and begins again after any stop.
import { pauseAfter } from '../core/retry/backoff.ts';
import { sleep, type World } from '../core/world.ts';

export interface OwnerLoop {
  readonly world: World;
  /** Aborts when the partition is lost or the work is closed. */
  readonly signal: AbortSignal;
  /** Works until it must stop, and returns the reason; or rejects. Called again after each stop. */
  own(): Promise<string>;
  /** Another process works on the partition, or the store has lost its newest changes. */
  superseded(why: string): void;
  /** `message`: that of the error. */
  trouble(error: unknown, message: string): void;
}

const PAUSES = { base: 150, max: 15_000 };
/** After work that lasted this long the next stop counts as a new one. */
const LASTED_MS = 30_000;

/** Resolves when the signal has aborted; never rejects. A stop after that is not reported. */
export async function keepOwning({ world, signal, own, superseded, trouble }: OwnerLoop): Promise<void> {
  let stops = 0;
  while (!signal.aborted) {
    const since = world.monotonic();
    try {
      const why = await own();
      if (signal.aborted) return;
      superseded(why);
    } catch (error) {
      if (signal.aborted) return;
      trouble(error, error instanceof Error ? error.message : String(error));
    }
    if (world.monotonic() - since > LASTED_MS) stops = 0;
    // Two processes that both believe to be the owner take turns. Jitter and growing pauses let one
    // of them get something done.
    await sleep(world, pauseAfter(++stops, PAUSES, world.random()), signal).catch(() => undefined);
  }
}
