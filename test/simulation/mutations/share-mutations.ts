// Changes to the shares of a dispatcher that the simulation must find.
import { type Mutation, one } from './mutation.ts';

const SHARES = 'worker/dispatch/lanes/shares.ts';
const QUEUE = 'worker/dispatch/lanes/share-queue.ts';

/** Events of few keys wait long for the others of their shares. */
const QUEUED = { shares: 3, shareMax: 1, partitions: 1, owners: 1, attempts: 1, initialMs: 10 } as const;

export const shareMutations: readonly Mutation[] = [
  one(
    'share-has-one-more',
    'a share has one event more in flight than it may',
    SHARES,
    'return inFlight >= this.#most;',
    'return inFlight > this.#most;',
  ),
  one(
    'share-stays-held-back',
    'a share that waited for the end of an event waits for ever',
    SHARES,
    'for (const queue of share.heldIn) queue.freed(share);',
    '',
  ),
  one(
    'share-of-a-former-head',
    'a lane whose first event has left it counts for the share of that',
    QUEUE,
    'const isOfLine = head === undefined || this.#partyOf(head).name === line.share.name;',
    'const isOfLine = true;',
    {
      limits: { ...QUEUED, keys: 3, events: 60, spanMs: 20_000 },
      functions: { flaky: 0.2, latencyMs: 500 },
      happenings: Array.from({ length: 60 }, (_, index) => ({
        at: 500 + index * 300,
        kind: 'command',
        verb: index % 3 === 0 ? 'redrive' : 'cancel',
      })),
    },
  ),
];
