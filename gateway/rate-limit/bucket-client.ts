// Takes from buckets of the store, all that is wanted at a time in one call, and says so when the
// store does not answer in time.
import type { World } from '../../core/world.ts';
import type { Buckets, BucketTake, BucketTaken } from '../../drivers/store/buckets.ts';
import { MAX_TAKES } from '../../drivers/store/buckets.ts';

export type Taken = BucketTaken;

export interface BucketClient {
  /**
   * `wish` is asked when it is about to be sent. `taken` is called once, with undefined when the
   * store did not answer in time.
   */
  take(request: () => BucketTake, taken: (taken: Taken | undefined) => void): void;
  /** False for a while after it did not answer. */
  readonly reachable: boolean;
  /** Sees, once in a while, whether it answers again. */
  probe(): void;
}

/** Requests wait no longer than this for the store. */
const ANSWER_TIMEOUT_MS = 250;
const PROBE_MS = 1_000;

interface TakeRequest {
  readonly request: () => BucketTake;
  readonly taken: (taken: Taken | undefined) => void;
}

export function createBucketClient(world: World, buckets: Buckets, scope: string): BucketClient {
  let requests: TakeRequest[] = [];
  let working = false;
  let reachable = true;
  let probeAt = 0;

  /**
   * Requests that come while a call is on its way go with the next: no timer, and few calls when
   * there is much to do.
   */
  const work = () => {
    if (requests.length === 0) return;
    working = true;
    const some = requests.length > MAX_TAKES ? requests.splice(0, MAX_TAKES) : requests;
    if (some === requests) requests = [];
    let open = true;
    const end = (taken: readonly Taken[] | undefined) => {
      if (!open) return;
      open = false;
      timer.cancel();
      working = false;
      reachable = taken !== undefined;
      if (!reachable) probeAt = world.monotonic() + PROBE_MS;
      for (const [index, request] of some.entries()) request.taken(taken?.[index]);
      if (reachable) work();
      else for (const request of requests.splice(0)) request.taken(undefined);
    };
    const timer = world.after(ANSWER_TIMEOUT_MS, () => end(undefined));
    buckets
      .take(
        scope,
        some.map(({ request }) => request()),
      )
      .then(end, () => end(undefined));
  };

  return {
    get reachable() {
      return reachable;
    },
    take(request, taken) {
      requests.push({ request, taken });
      // In a microtask, so that what this turn of the event loop brings goes together.
      if (working) return;
      working = true;
      queueMicrotask(work);
    },
    probe() {
      if (working || world.monotonic() < probeAt) return;
      probeAt = world.monotonic() + PROBE_MS;
      requests.push({ request: () => ({ bucket: 'look', intervalMs: 1, burst: 1, want: 0 }), taken: () => {} });
      work();
    },
  };
}
