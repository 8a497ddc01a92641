// Records that are kept for long: a value as it was read is a view of all that one answer of the log brought, megabytes of it, which would stay with it.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';

export function ownBytes(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
}

export function withOwnBytes(record: LogRecord): LogRecord {
  const value = ownBytes(record.value);
  return value === record.value ? record : { ...record, value };
}
