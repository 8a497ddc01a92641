// Takes from buckets of the store, all that is wanted at a time in one call, and says so when the store does not answer in time.
import type { World } from '../../core/world.ts';
import type { Buckets, BucketTake, BucketTaken } from '../../drivers/store/buckets.ts';
import { MAX_TAKES } from '../../drivers/store/buckets.ts';

export type Taken = BucketTaken;

export interface Taker {
  /** `wish` is asked when it is about to be sent. `taken` is called once, with undefined when the store did not answer in time. */
  take(wish: () => BucketTake, taken: (taken: Taken | undefined) => void): void;
  /** False for a while after it did not answer. */
  readonly inSight: boolean;
  /** Sees, once in a while, whether it answers again. */
  look(): void;
}

/** Requests wait no longer than this for the store. */
const PATIENCE_MS = 250;
const LOOK_MS = 1_000;

interface Wish {
  readonly wish: () => BucketTake;
  readonly taken: (taken: Taken | undefined) => void;
}

export function createTaker(world: World, buckets: Buckets, scope: string): Taker {
  let wishes: Wish[] = [];
  let working = false;
  let inSight = true;
  let lookAt = 0;

  /**
   * Requests that come while a call is on its way go with the next: no timer, and few calls when
   * there is much to do.
   */
  const work = () => {
    if (wishes.length === 0) return;
    working = true;
    const some = wishes.length > MAX_TAKES ? wishes.splice(0, MAX_TAKES) : wishes;
    if (some === wishes) wishes = [];
    let open = true;
    const end = (taken: readonly Taken[] | undefined) => {
      if (!open) return;
      open = false;
      timer.cancel();
      working = false;
      inSight = taken !== undefined;
      if (!inSight) lookAt = world.monotonic() + LOOK_MS;
      for (const [index, wish] of some.entries()) wish.taken(taken?.[index]);
      if (inSight) work();
      else for (const wish of wishes.splice(0)) wish.taken(undefined);
    };
    const timer = world.after(PATIENCE_MS, () => end(undefined));
    buckets
      .take(
        scope,
        some.map(({ wish }) => wish()),
      )
      .then(end, () => end(undefined));
  };

  return {
    get inSight() {
      return inSight;
    },
    take(wish, taken) {
      wishes.push({ wish, taken });
      // In a microtask, so that what this turn of the event loop brings goes together.
      if (working) return;
      working = true;
      queueMicrotask(work);
    },
    look() {
      if (working || world.monotonic() < lookAt) return;
      lookAt = world.monotonic() + LOOK_MS;
      wishes.push({ wish: () => ({ bucket: 'look', intervalMs: 1, burst: 1, want: 0 }), taken: () => {} });
      work();
    },
  };
}
