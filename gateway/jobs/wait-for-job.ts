// Waits for the end of a job: told at once within the process, looking again and again otherwise.
import { pauseAfter, pauseUpTo, shortened } from '../../core/retry/backoff.ts';
import { sleep, type World } from '../../core/world.ts';
import type { EventEndpoints } from '../endpoints/event-endpoints.ts';
import type { Call } from '../exchange/target.ts';

/** The known state of a job of any kind. */
export interface Awaited {
  readonly final: boolean;
}

export interface WaitOptions<Found extends Awaited> {
  readonly world: World;
  readonly endpoints: Pick<EventEndpoints, 'signals'>;
  readonly reader: { find(id: string): Promise<Found | 'gone' | undefined> };
  readonly call: Pick<Call, 'remainingMs' | 'ended' | 'signal'>;
  /** Name of the job among the signals. */
  readonly name: string;
  readonly id: string;
  readonly waitMs: number;
}

/**
 * Least and most time that is left for the answer itself. Between them it is a tenth to a fifth of
 * the call's time, so that not all calls answer at one moment.
 */
const SPARE_MS = 250;
const LARGEST_SPARE_MS = 2_000;
const LOOKS = { base: 100, max: 2_000 };
/** Part of a wait before its end within which those that came together look for the last time. */
const SPREAD = 0.1;

/**
 * Gives the final state of the job, or the last one seen when the time is up or the call has ended.
 * Undefined also when the job could not be read in time.
 * At the end the store is not read again: hundreds of waits may end at the same moment, and the
 * state they know is an answer.
 */
export async function waitForJob<Found extends Awaited>(
  options: WaitOptions<Found>,
): Promise<Found | 'gone' | undefined> {
  const { world, reader, call, id } = options;
  const waitMs = timeFor(options);
  const until = world.monotonic() + waitMs;
  const lastLook = until - shortened(Math.min(waitMs * SPREAD, LOOKS.max), 1, world.random());
  const changes = watchJob(options);
  const over = new AbortController();
  // Made before all others: of timers that are due together, as after a
  // standstill, the oldest runs first.
  const end = sleep(world, waitMs, AbortSignal.any([over.signal, call.signal])).catch(() => {});
  let known: Found | 'gone' | undefined;
  const look = async () => {
    for (let looks = 1; ; looks++) {
      known = await reader.find(id);
      if (known === undefined || known === 'gone' || known.final) return;
      const now = world.monotonic();
      const next = now + pauseAfter(looks, LOOKS, world.random());
      const left = (now < lastLook ? Math.min(next, lastLook) : until) - now;
      if (left <= 0) return;
      const { heard } = await changes.next(left);
      if (call.ended || call.signal.aborted || (!heard && world.monotonic() >= until)) return;
    }
  };
  try {
    await Promise.race([look(), end]);
    return known;
  } finally {
    over.abort();
    changes.end();
  }
}

function timeFor({ world, call, waitMs }: Pick<WaitOptions<Awaited>, 'world' | 'call' | 'waitMs'>): number {
  const { remainingMs } = call;
  const spare = Math.min(pauseUpTo(2 * remainingMs * SPREAD, world.random()), LARGEST_SPARE_MS);
  return Math.max(0, Math.min(waitMs, remainingMs - Math.max(SPARE_MS, spare)));
}

export interface JobChanges {
  /**
   * Resolves when the job may have changed, at the latest after `ms`, or when the call has ended.
   */
  next(ms: number): Promise<{ readonly heard: boolean }>;
  end(): void;
}

export function watchJob({
  world,
  endpoints,
  call,
  name,
}: Pick<WaitOptions<Awaited>, 'world' | 'endpoints' | 'call' | 'name'>): JobChanges {
  let heard = false;
  let wake: (() => void) | undefined;
  const deaf = endpoints.signals.changed.listen(name, () => {
    heard = true;
    wake?.();
  });
  return {
    async next(ms) {
      if (!heard) {
        const woken = new AbortController();
        wake = () => woken.abort();
        await sleep(world, ms, AbortSignal.any([woken.signal, call.signal])).catch(() => {});
        wake = undefined;
      }
      const was = heard;
      heard = false;
      return { heard: was };
    },
    end: deaf,
  };
}
