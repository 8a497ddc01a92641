// How many jobs of a queue wait, as far as is known: asked of the log now and
// then, counted on in between.
import { TenfoldError } from '../../core/errors.ts';
import { queueGroupOf, queueTopicOf } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { Metadata } from '../../resources/resource.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';

export interface WaitingJobs {
  /** Rejects with `overloaded` when there are `most` already, and counts that. */
  admit(most: number): Promise<void>;
  /** One more was accepted. */
  added(): void;
}

const FRESH_MS = 500;
/** A number that is older decides nothing. */
const OLD_MS = 5_000;

export function createWaitingJobs(
  world: World,
  endpoints: EventEndpoints,
  { namespace, name }: Pick<Metadata, 'namespace' | 'name'>,
): WaitingJobs {
  const topic = queueTopicOf(namespace, name);
  const group = queueGroupOf(namespace, name);
  let known: number | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  let since = 0;

  const ask = async () => {
    const now = world.monotonic();
    askedAt = now;
    const before = since;
    try {
      known = await (endpoints.waitingJobs
        ? endpoints.waitingJobs(group, topic)
        : byPositions(endpoints, topic, group));
      knownAt = now;
      since -= before;
    } catch {
      // A log that cannot be asked takes no job either, and says so itself.
      known = undefined;
    } finally {
      asking = undefined;
    }
  };

  const isFull = (most: number) => known !== undefined && known + since >= most;

  return {
    async admit(most) {
      const now = world.monotonic();
      if (now - askedAt >= FRESH_MS) asking ??= ask();
      // Most callers go by the last known number. One that it would refuse waits for a newer one.
      const mustWait = known === undefined || now - knownAt >= OLD_MS || isFull(most);
      if (mustWait && asking) await asking;
      if (!isFull(most)) return;
      endpoints.jobs.refused(namespace, name);
      throw new TenfoldError('overloaded', `${most} jobs wait in this queue; more are not taken at the moment.`, {
        retryAfterSeconds: 1,
        reason: 'limit.jobs',
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
