// Wraps the calls for the items of jobs: each result is durable before the dispatcher learns that
// its item is done.
import { INDEX_HEADER } from '../../core/fan-outs/facts.ts';
import type { Timer } from '../../core/world.ts';
import type { DeliveryItem, Destination, Outcome } from '../deliver/destination.ts';
import { errorToOutcome } from '../deliver/to-outcome.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import type { JobWatch, WatchedJobStatus } from './job-watch.ts';
import { storeResult } from './store-result.ts';
import { type JobPlace, placeOf, tell, tellPatiently } from './task.ts';

export interface ItemsOptions {
  readonly site: FanOutSite;
  readonly watch: JobWatch;
  /** The destination of the items. */
  readonly inner: Destination;
  /** Whether another part reports done items of `inner`: a nested job is done later. */
  readonly later: boolean;
}

interface ItemRun {
  readonly item: DeliveryItem;
  readonly place: JobPlace | undefined;
  readonly index: number;
}

/** How often a call checks whether its job has ended meanwhile. */
const LOOK_MS = 2_000;

const LATE: Outcome = {
  kind: 'failed',
  retryable: false,
  cancelled: true,
  error: { message: 'The job had ended before the item was worked.' },
};
const NOTHING_SAID: Outcome = { kind: 'failed', retryable: true, error: { message: 'Nothing was said of the item.' } };

export function createItemsDestination({ site, watch, inner, later }: ItemsOptions): Destination {
  const statusOf = async ({ place }: ItemRun): Promise<WatchedJobStatus | Outcome> => {
    if (place === undefined) return 'over';
    try {
      return await watch.status(place.partition, place.nonce);
    } catch (error) {
      return errorToOutcome(error);
    }
  };

  const settle = async ({ place, index }: ItemRun, outcome: Outcome, signal: AbortSignal): Promise<Outcome> => {
    if (outcome.kind !== 'done' || later || place === undefined) return outcome;
    try {
      const { head, body } = await storeResult(site, place.nonce, String(index), outcome.answer);
      await tellPatiently(site, place, { kind: 'done', index, result: head }, body, signal);
      return { kind: 'done' };
    } catch (error) {
      return errorToOutcome(error);
    }
  };

  /** Gives a call up when nobody wants any of its items any more; undefined then. */
  const deliverWatched = async (
    going: readonly ItemRun[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[] | undefined> => {
    const stop = new AbortController();
    let timer: Timer | undefined;
    const look = () => {
      timer = site.world.after(LOOK_MS, () => {
        look();
        Promise.all(going.map(statusOf)).then(now => {
          if (now.every(status => status === 'over')) stop.abort(new Error('The job has ended.'));
        });
      });
    };
    look();
    const items = going.map(({ item }) => item);
    try {
      const outcomes = await inner.deliver(items, AbortSignal.any([signal, stop.signal]));
      return stop.signal.aborted ? undefined : outcomes;
    } finally {
      timer?.cancel();
    }
  };

  return {
    label: inner.label,
    async deliver(items, signal) {
      const runs = items.map((item): ItemRun => {
        const index = Number(item.record.headers[INDEX_HEADER] ?? '');
        const place = placeOf(item.record);
        return { item, place: place && Number.isInteger(index) ? place : undefined, index };
      });
      const statuses = await Promise.all(runs.map(statusOf));
      const going = runs.filter((_, at) => statuses[at] === 'open');
      const outcomes = going.length === 0 ? [] : await deliverWatched(going, signal);
      const settled = outcomes
        ? await Promise.all(going.map((run, at) => settle(run, outcomes[at] ?? NOTHING_SAID, signal)))
        : going.map((): Outcome => ({ kind: 'done' }));
      let next = 0;
      return statuses.map((status): Outcome => {
        if (status === 'open') return settled[next++] ?? NOTHING_SAID;
        if (status === 'over') return { kind: 'done' };
        return status === 'late' ? LATE : status;
      });
    },
  };
}

/** Reports an item that was given up. Rejects when the report failed, and is then called again. */
export async function itemDeadLettered(site: Pick<FanOutSite, 'log' | 'settings'>, letter: DeadLetter): Promise<void> {
  const place = placeOf(letter.record);
  const index = Number(letter.record.headers[INDEX_HEADER] ?? '');
  if (place === undefined || !Number.isInteger(index)) return;
  const { partition, offset, generation, attempts, reason } = letter;
  const error = letter.error ?? { message: `It was given up: ${reason}.` };
  await tell(site, place, {
    kind: 'failed',
    index,
    error,
    letter: { partition, offset, generation, attempts, reason },
  });
}
