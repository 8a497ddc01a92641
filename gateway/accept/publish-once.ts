// Takes an event of a Topic with `deduplicate` once. A repeat within the window gets the position
// of the first, and nothing is appended.
import { eventContentOf } from '../../core/cloudevents/same-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { AppendedAt, NewRecord } from '../../drivers/event-log/event-log.ts';
import type { Appender } from '../endpoints/appender.ts';
import {
  type ClaimOutcome,
  type EventClaim,
  EventClaims,
  type EventClaimsOptions,
  nameOf,
  nameReused,
} from './event-claims.ts';

export interface PublishOnceOptions extends EventClaimsOptions {
  readonly appender: Appender;
}

/** The outcome of one event. */
export type Published =
  | { readonly at: AppendedAt; readonly isRepeat: boolean }
  /** It was not taken: another event had its name. */
  | { readonly error: TenfoldError };

export interface PublishOnce {
  /**
   * In the order of the records, which have the attributes of their events in their headers.
   * Rejects when nothing is known of any.
   */
  publish(records: readonly NewRecord[]): Promise<readonly Published[]>;
}

export function createPublishOnce(options: PublishOnceOptions): PublishOnce {
  const { appender, topic } = options;
  const claims = new EventClaims(options);
  return {
    async publish(records) {
      const first = firstOfEachName(records);
      const outcomes = await claimAll(
        claims,
        records.map((record, index) => (first[index] === index ? record : undefined)),
      );
      const own = outcomes.flatMap(outcome => (outcome && 'claim' in outcome ? outcome.claim : []));
      const ours = records.filter((_, index) => isClaim(outcomes[index]));
      const places = own.length === 0 ? [] : await appender.append(topic, ours, outcome => claims.settle(own, outcome));
      const published = toPublished(outcomes, places);
      return records.map((record, index): Published => {
        const before = first[index] ?? index;
        const result = published[before];
        if (before === index && result !== undefined) return result;
        const other = records[before];
        if (result === undefined || (other && eventContentOf(other) !== eventContentOf(record)))
          return { error: nameReused() };
        return 'at' in result ? { at: result.at, isRepeat: true } : result;
      });
    },
  };
}

/** For each record the index of the first with its name. */
function firstOfEachName(records: readonly NewRecord[]): readonly number[] {
  const first = new Map<string, number>();
  return records.map((record, index) => {
    const name = nameOf(record);
    const before = first.get(name) ?? index;
    first.set(name, before);
    return before;
  });
}

/** Takes all claims, or none: what was claimed is given back when one fails. */
async function claimAll(
  claims: EventClaims,
  records: readonly (NewRecord | undefined)[],
): Promise<readonly (ClaimOutcome | undefined)[]> {
  const turns = await Promise.allSettled(records.map(record => record && claims.take(record)));
  const outcomes = turns.map(turn => (turn.status === 'fulfilled' ? turn.value : undefined));
  const failed = turns.find(turn => turn.status === 'rejected');
  if (!failed) return outcomes;
  for (const outcome of outcomes) if (isClaim(outcome)) claims.release(outcome.claim);
  throw toRefusal(failed.reason);
}

/** `places`: those of the claimed events, in their order. */
function toPublished(
  outcomes: readonly (ClaimOutcome | undefined)[],
  places: readonly AppendedAt[],
): readonly (Published | undefined)[] {
  let next = 0;
  return outcomes.map((outcome): Published | undefined => {
    if (outcome === undefined || 'error' in outcome) return outcome;
    if ('place' in outcome) return { at: outcome.place, isRepeat: true };
    const at = places[next++];
    if (at) return { at, isRepeat: false };
    throw new TenfoldError('log-unavailable', 'The event log has not said where the event stands.', {
      retryAfterSeconds: 1,
    });
  });
}

function isClaim(outcome: ClaimOutcome | undefined): outcome is { readonly claim: EventClaim } {
  return outcome !== undefined && 'claim' in outcome;
}

function toRefusal(error: unknown): unknown {
  if (!(error instanceof TenfoldError) || error.code !== 'store-unavailable') return error;
  return new TenfoldError(
    'store-unavailable',
    'Whether the event was published before cannot be found out at the moment.',
    {
      retryAfterSeconds: error.retryAfterSeconds ?? 1,
      cause: error,
    },
  );
}
