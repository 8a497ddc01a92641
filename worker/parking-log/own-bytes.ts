// Copies records that are kept for long. A value as it was read is a view of the whole answer of
// the log, megabytes of it, and would keep all of that in memory.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';

export function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
}

export function withOwnBytes(record: LogRecord): LogRecord {
  const value = ownBytes(record.value);
  return value === record.value ? record : { ...record, value };
}
