// Feeds a View with what others have made: events that go into a topic of its own, which it reads as it reads its Topics.
import type { EventRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import { viewInputTopicOf } from '../../core/names.ts';
import { VIEW_PARTITIONS } from '../../core/views/view-layout.ts';
import type { EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';
import { appendInParts } from '../fold/append-in-parts.ts';
import { formatMark, SOURCE_HEADER, type SourceMark } from '../fold/source-mark.ts';

export interface Fed {
  /** An event. */
  readonly record: EventRecord;
  /** The partition that it comes from: what comes from one stays in its order. */
  readonly partition: number;
  /**
   * Where it comes from, so that the View takes it once. `topic` names who has made it of what, such as its group, and nobody else uses that
   * name; marks of one partition grow in the order of the calls. Without it the View
   * knows a repeat by the event alone.
   */
  readonly mark?: SourceMark | undefined;
}

/** Durable when it resolves. Order is kept within a partition, so one call after the other. */
export async function feedView(
  log: Pick<EventLog, 'append'>,
  view: { readonly namespace: string; readonly name: string },
  fed: readonly Fed[],
  signal?: AbortSignal,
): Promise<void> {
  const records = fed.map(
    ({ record, partition, mark }): NewRecord => ({
      key: null,
      value: record.value,
      headers: mark ? { ...record.headers, [SOURCE_HEADER]: formatMark(mark) } : record.headers,
      partition: partition % VIEW_PARTITIONS,
    }),
  );
  try {
    await appendInParts(log, viewInputTopicOf(view.namespace, view.name), records, signal);
  } catch (error) {
    if (!(error instanceof TenfoldError && error.code === 'not-found')) throw error;
    throw new TenfoldError('not-ready', `The topic that feeds View ${view.name} is not there yet.`, { cause: error });
  }
}
