// The clock of a service that several processes share, as it told it last: what they must agree on
// is measured by it, whatever their own clocks say.
import type { World } from '../core/world.ts';

export interface ServedClock {
  /**
   * About milliseconds since 1970. Asks the service at first, and again now and then without a
   * wait; rejects as the first question does.
   */
  now(): Promise<number>;
}

const ASKED_EVERY_MS = 300_000;

/**
 * `ask`: what time it is there. Between two answers it goes on at the even
 * pace of our monotonic clock.
 */
export function createServedClock(world: World, ask: () => Promise<number>): ServedClock {
  let told: { readonly ahead: number; readonly at: number } | undefined;
  let asking: Promise<number> | undefined;

  const learn = async (): Promise<number> => {
    try {
      const now = await ask();
      const at = world.monotonic();
      told = { ahead: now - at, at };
      return now;
    } finally {
      asking = undefined;
    }
  };
  const asked = (): Promise<number> => {
    asking ??= learn();
    return asking;
  };
  return {
    async now() {
      if (told === undefined) return await asked();
      // The last known time stays right when the server does not answer.
      if (world.monotonic() - told.at > ASKED_EVERY_MS) asked().catch(() => {});
      return told.ahead + world.monotonic();
    },
  };
}
