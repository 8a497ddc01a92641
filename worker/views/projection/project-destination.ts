// Hands events to the function of a View and appends the results, durably, before the event counts
// as handled.
import { createHash } from 'node:crypto';
import { exactFromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { madeOfSame, sameEventOf } from '../../../core/cloudevents/same-event.ts';
import { SAME_HEADER } from '../../../core/wire.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { CallAnswer } from '../../deliver/caller.ts';
import type { DeliveryItem, Destination, Outcome } from '../../deliver/destination.ts';
import { errorToOutcome } from '../../deliver/to-outcome.ts';
import { inheritedHeaders } from '../../deliver/topic-publisher.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import { markOf } from '../../fold/source-mark.ts';
import { fedFromHeaders, madeFromHeaders } from './projected.ts';
import { toProjected } from './projected-events.ts';

export interface ProjectOptions {
  /** Calls the function. */
  readonly call: Destination;
  readonly log: Pick<EventLog, 'append'>;
  /** The source, in the log. */
  readonly topic: string;
  /** The topic of the results. */
  readonly projected: string;
  readonly partitions: number;
}

export function createProjectDestination(options: ProjectOptions): Destination {
  const { call, log, projected } = options;
  const source = createHash('sha256').update(options.topic).digest('hex').slice(0, 12);
  const keep = async (item: DeliveryItem, outcome: Outcome): Promise<Outcome> => {
    if (outcome.kind !== 'done' || outcome.answer === undefined) return outcome;
    try {
      await appendInParts(log, projected, toRecords(item, outcome.answer, source, options.partitions));
      return outcome;
    } catch (error) {
      return errorToOutcome(error);
    }
  };
  return {
    label: call.label,
    async deliver(items, signal) {
      const outcomes = await call.deliver(items, signal);
      return Promise.all(outcomes.map((outcome, at) => (items[at] ? keep(items[at], outcome) : outcome)));
    },
  };
}

/** Results of one partition stay in one partition, in the order in which they were made. */
function toRecords(item: DeliveryItem, answer: CallAnswer, source: string, partitions: number): NewRecord[] {
  const { partition, record, generation = 0, settledBelow = 0 } = item;
  const { offset, timestamp } = record;
  // This one is not.
  const settled = Math.min(settledBelow, offset);
  const inherited = inheritedHeaders(item);
  const same = sameEventOf(record);
  return toProjected(answer, exactFromRecord(record)).map((event, index) => {
    const { value, headers } = toRecord({ ...event, time: event.time ?? toTimestamp(timestamp) }, null);
    const mark = markOf(record);
    const from = mark
      ? fedFromHeaders(mark, index)
      : madeFromHeaders({ source: `${source}.${partition}`, offset, generation, index, settledBelow: settled });
    const known = same === undefined ? {} : { [SAME_HEADER]: madeOfSame(same, String(index)) };
    const all = { ...headers, ...inherited, ...from, ...known };
    return { key: null, value, headers: all, partition: partition % partitions };
  });
}
