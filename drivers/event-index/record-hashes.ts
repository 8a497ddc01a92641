// The hashes of the names of some consecutive records, by what records are found by.
import { idOfRecord, tracesOfRecord } from '../../core/cloudevents/record-names.ts';
import type { LogRecord } from '../event-log/event-log.ts';
import type { IndexedField } from './event-index.ts';
import { textHash } from './text-hash.ts';

export type RecordHashes = Readonly<Record<IndexedField, Set<number>>>;

export function noHashes(): RecordHashes {
  return { id: new Set(), key: new Set(), trace: new Set() };
}

export function addHashes({ id: ids, key: keys, trace: traces }: RecordHashes, record: LogRecord): void {
  const id = idOfRecord(record);
  if (id !== undefined) ids.add(textHash(id));
  if (record.key !== null) keys.add(textHash(record.key));
  for (const trace of tracesOfRecord(record)) traces.add(textHash(trace));
}
