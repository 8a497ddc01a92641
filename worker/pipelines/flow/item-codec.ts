// Events between two stages of a pipeline as records of an internal topic, and back.
import type { PlainRecord } from '../../../core/cloudevents/record.ts';
import { dataBytesOf, exactFromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { sameEventOf } from '../../../core/cloudevents/same-event.ts';
import { PLACE_HEADER, SAME_HEADER, SOURCE_TIME_HEADER } from '../../../core/wire.ts';
import type { LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { formatMark, SOURCE_HEADER, type SourceMark } from '../../fold/source-mark.ts';
import { inherited } from '../outlets/inherited.ts';
import type { FlowItem } from './item.ts';

/** `source`: resource name of the topic, for records that are no events. Throws `invalid-event`. */
export function sourceItem(record: LogRecord, partition: number, source: string): FlowItem {
  const plain: PlainRecord = {
    source: `/topics/${source}`,
    type: source,
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
  };
  return {
    event: exactFromRecord(record, plain),
    place: `${partition}-${record.offset}`,
    cause: { partition, record },
    body: dataBytesOf(record),
  };
}

export function internalItem(record: LogRecord, partition: number): FlowItem {
  const place = record.headers[PLACE_HEADER] ?? `${partition}-${record.offset}`;
  return { event: exactFromRecord(record), place, cause: { partition, record }, body: dataBytesOf(record) };
}

/** Throws `loop-detected`. */
export function toInternal(item: FlowItem, key: string | null, mark: SourceMark): NewRecord {
  const { value, headers } = toRecord(item.event, key, item.body);
  const { record } = item.cause;
  Object.assign(headers, inherited(item));
  headers[SOURCE_HEADER] = formatMark(mark);
  headers[SOURCE_TIME_HEADER] = record.headers[SOURCE_TIME_HEADER] ?? String(record.timestamp);
  headers[PLACE_HEADER] = item.place;
  const same = sameEventOf(record);
  if (same !== undefined) headers[SAME_HEADER] = same;
  return { key, value, headers };
}
