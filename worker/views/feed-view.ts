// Feeds a View with events of others. They go into a topic of its own, which it reads as it reads
// its Topics.
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
  /** The partition of its origin: events of one partition stay in their order. */
  readonly partition: number;
  /**
   * The origin of the event, so that the View takes it once. `topic` names the maker and the
   * source, such as its group, and nobody else uses that name. Marks of one partition grow in the
   * order of the calls. Without a mark, the View knows a repeat by the event alone.
   */
  readonly mark?: SourceMark | undefined;
}

/** Durable when it resolves. Order is kept within a partition, so make one call after the other. */
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
