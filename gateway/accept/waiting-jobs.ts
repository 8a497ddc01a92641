// How many jobs of a queue wait, as far as is known: asked of the log now and
// then, counted on in between.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';

export interface WaitingJobs {
  /** Rejects with `overloaded` when there are `most` already. */
  admit(most: number): Promise<void>;
  /** One more was accepted. */
  added(): void;
}

const FRESH_MS = 500;

export function createWaitingJobs(world: World, endpoints: EventEndpoints, topic: string, group: string): WaitingJobs {
  let known: number | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  let since = 0;

  const ask = async () => {
    askedAt = world.monotonic();
    const before = since;
    try {
      known = await (endpoints.waitingJobs
        ? endpoints.waitingJobs(group, topic)
        : byPositions(endpoints, topic, group));
      since -= before;
    } catch {
      // A log that cannot be asked takes no job either, and says so itself.
      known = undefined;
    } finally {
      asking = undefined;
    }
  };

  return {
    async admit(most) {
      if (world.monotonic() - askedAt >= FRESH_MS) asking ??= ask();
      // Only the first caller has to wait: later ones go by the last known number.
      if (known === undefined && asking) await asking;
      if (known === undefined || known + since < most) return;
      throw new TenfoldError('overloaded', `${most} jobs wait in this queue; more are not taken at the moment.`, {
        retryAfterSeconds: 1,
      });
    },
    added() {
      since++;
    },
  };
}

/** Jobs that were done out of order count as waiting until those before them are done. */
async function byPositions({ log }: EventEndpoints, topic: string, group: string): Promise<number | undefined> {
  const [bounds, positions] = await Promise.all([log.bounds(topic), log.positions(group, topic)]);
  return bounds?.reduce(
    (sum, { start, end }, partition) => sum + end - Math.max(start, positions[partition]?.offset ?? start),
    0,
  );
}
