// The archives of a Pipeline: the settings of its sinks, as writers and readers of an archive need
// them.
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { isJsonType } from '../../core/cloudevents/media-type.ts';
import { dataBytesOf, exactFromRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import { SOURCE_TIME_HEADER } from '../../core/wire.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import { compileValue } from '../aggregates/compile-value.ts';
import { compileEventTime } from '../pipelines/event-time.ts';
import type { ReaderPlan } from '../pipelines/topology.ts';
import type { ArchiveEvent } from './archive-event.ts';
import type { RollSettings } from './gathering.ts';
import { type ArchiveLayout, archiveIdOf, archiveRootOf, definitionOf, valueFolderOf } from './layout.ts';
import type { ReadableArchive } from './read-archive.ts';

type ArchiveReader = Extract<ReaderPlan, { kind: 'archive' }>;

export interface PipelineArchive extends ReadableArchive {
  readonly roll: RollSettings;
  readonly retention: number | undefined;
}

/** `topic`: the internal topic that feeds the sink. */
export function toArchive(pipeline: Resource<'Pipeline'>, reader: ArchiveReader, topic: string): PipelineArchive {
  const { namespace, name } = pipeline.metadata;
  const { format, prefix = name, partitionBy, folders, compression, roll, retention } = reader.archive;
  const time = pipeline.spec.time.of;
  const layout: ArchiveLayout = {
    namespace,
    table: archiveTableOf(name, reader.id),
    root: archiveRootOf(namespace, prefix),
    id: archiveIdOf(namespace, name, reader.id),
    format,
    compression,
    partitionBy,
    ...(folders && { folders: Object.keys(folders) }),
    definition: definitionOf([time, format, compression, partitionBy, ...(folders ? [folders] : [])]),
  };
  return {
    layout,
    topic,
    marked: true,
    unordered: !reader.ordered,
    roll,
    retention,
    toEvents: createEventReader(time, folders),
  };
}

/** The name of an archive in SQL. `reader`: the reader of the pipeline that writes it. */
export function archiveTableOf(pipeline: string, reader: string): string {
  const number = Number(/\d+$/.exec(reader)?.[0] ?? 0);
  const table = pipeline.replaceAll(/[^a-z0-9]/g, '_');
  return number === 0 ? table : `${table}_${number}`;
}

function createEventReader(
  time: string,
  folders: ArchiveReader['archive']['folders'],
): (record: LogRecord) => readonly ArchiveEvent[] {
  const timeOf = compileEventTime(time);
  const foldersOf = folders && compileFolders(folders);
  const whenOf = (event: CloudEvent) => {
    try {
      return timeOf(event);
    } catch (error) {
      // An event without a time is archived all the same.
      if (error instanceof TenfoldError && error.code === 'expression-failed') return undefined;
      throw error;
    }
  };
  return record => {
    const event = exactFromRecord(record);
    const timeMs = whenOf(event) ?? Number(record.headers[SOURCE_TIME_HEADER] ?? record.timestamp);
    return [{ event, timeMs, key: record.key, json: jsonOf(record, event), folders: foldersOf?.(event) }];
  };
}

/** An event without a value is archived all the same, in a folder of its own. */
function compileFolders(folders: Readonly<Record<string, string>>): (event: CloudEvent) => string {
  const all = Object.entries(folders).map(([name, text]) => {
    const make = compileValue(text.slice(2, -1), scopeOf('event'), 'string');
    return { name, make };
  });
  const valueIn = (event: CloudEvent, make: (event: CloudEvent) => unknown) => {
    try {
      return String(make(event));
    } catch (error) {
      if (error instanceof TenfoldError && error.code === 'expression-failed') return undefined;
      throw error;
    }
  };
  return event => all.map(({ name, make }) => valueFolderOf(name, valueIn(event, make))).join('/');
}

/** JSON as it came: numbers that JavaScript cannot hold stay as they are. */
function jsonOf(record: LogRecord, { datacontenttype, data }: CloudEvent): string | undefined {
  const bytes = dataBytesOf(record);
  if (data === undefined || bytes === undefined || !isJsonType(datacontenttype ?? '')) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
