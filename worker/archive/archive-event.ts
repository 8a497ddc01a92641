// One event as an archive keeps it. Its columns are the same in every format, and stable: columns
// are added, never changed.

import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { toExactText } from '../../core/units/whole-numbers.ts';

/** The archived fields of one record. */
export interface ArchiveEvent {
  readonly event: CloudEvent;
  /** Time of the event, milliseconds since 1970. It decides the folder. */
  readonly timeMs: number;
  readonly key: string | null;
  /** The data as JSON text, where it is at hand; otherwise it is made of the event. */
  readonly json?: string | undefined;
  /** The folders below that of the time: `country=DE/shop=7`. */
  readonly folders?: string | undefined;
}

/** The place of the event in the log, unique within the archive. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
  /** Number of the event among those that one record became. */
  readonly index: number;
  /** Time at which the log took it, milliseconds since 1970. */
  readonly appendedMs: number;
}

export type ColumnType = 'text' | 'bytes' | 'time' | 'int32' | 'int64';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly description: string;
}

/**
 * The columns in this order. The folder adds `date`, and `hour` where files are partitioned by it.
 */
export const ARCHIVE_COLUMNS = [
  column('time', 'time', true, 'When it happened, UTC, milliseconds.'),
  column('id', 'text', true, 'Attribute `id`.'),
  column('source', 'text', true, 'Attribute `source`.'),
  column('type', 'text', true, 'Attribute `type`.'),
  column('subject', 'text', false, 'Attribute `subject`.'),
  column('datacontenttype', 'text', false, 'Attribute `datacontenttype`.'),
  column('dataschema', 'text', false, 'Attribute `dataschema`.'),
  column('extensions', 'text', false, 'All other attributes, a JSON object.'),
  column('key', 'text', false, 'Key of the event in its topic.'),
  column('data', 'text', false, 'The data, JSON; text is a JSON string.'),
  column('bytes', 'bytes', false, 'The data, where they are neither JSON nor text.'),
  column('appended', 'time', true, 'When the log had it, UTC, milliseconds.'),
  column('partition', 'int32', true, 'Partition in the log; unique together with `offset` and `nr`.'),
  column('offset', 'int64', true, 'Offset in the partition.'),
  column('nr', 'int32', true, 'Which of the events that one record became, from 0.'),
] as const satisfies readonly Column[];

export type ColumnName = (typeof ARCHIVE_COLUMNS)[number]['name'];
export type ArchiveRow = Readonly<Record<ColumnName, string | number | Uint8Array | undefined>> & {
  /** The folders below that of the time; no column of a file. */
  readonly folders?: string;
};

/** Extensions that say how an event travelled, not what it is. */
const LEFT_OUT = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'data',
  'datacontenttype',
  'dataschema',
]);

export function toArchiveRow({ event, timeMs, key, json, folders }: ArchiveEvent, place: Place): ArchiveRow {
  const { data } = event;
  const binary = data instanceof Uint8Array;
  return {
    time: timeMs,
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    datacontenttype: event.datacontenttype,
    dataschema: event.dataschema,
    extensions: extensionsOf(event),
    key: key ?? undefined,
    data: binary || data === undefined ? undefined : (json ?? toExactText(data)),
    bytes: binary ? data : undefined,
    appended: place.appendedMs,
    partition: place.partition,
    offset: place.offset,
    nr: place.index,
    ...(folders === undefined ? {} : { folders }),
  };
}

function extensionsOf(event: CloudEvent): string | undefined {
  let found: Record<string, unknown> | undefined;
  for (const name in event) {
    if (LEFT_OUT.has(name) || event[name] === undefined) continue;
    found ??= {};
    found[name] = event[name];
  }
  return found && JSON.stringify(found);
}

function column<N extends string>(name: N, type: ColumnType, required: boolean, description: string) {
  return { name, type, required, description };
}
