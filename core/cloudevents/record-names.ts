// The names by which the event of a record is found again: its id, and the traces it belongs to.
import { parseTraceparent } from '../trace-context.ts';
import { type EventRecord, fromRecord, isStructured } from './record.ts';

/** Undefined for a record that is no event, or has no id. */
export function idOfRecord(record: EventRecord): string | undefined {
  if (!isStructured(record.headers)) return record.headers['ce_id'];
  try {
    return fromRecord(record).id;
  } catch {
    return undefined;
  }
}

/**
 * Trace ids, 32 hex digits each: of the request that brought the event, and of the event itself
 * (the CloudEvents extension for tracing).
 */
export function tracesOfRecord(record: EventRecord): readonly string[] {
  const { headers } = record;
  const own = isStructured(headers) ? structuredTraceparent(record) : headers['ce_traceparent'];
  const brought = parseTraceparent(headers['traceparent'])?.traceId;
  const said = parseTraceparent(own)?.traceId;
  if (brought === undefined) return said === undefined ? [] : [said];
  return said === undefined || said === brought ? [brought] : [brought, said];
}

function structuredTraceparent(record: EventRecord): string | undefined {
  try {
    const { traceparent } = fromRecord(record);
    return typeof traceparent === 'string' ? traceparent : undefined;
  } catch {
    return undefined;
  }
}
