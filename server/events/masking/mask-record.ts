// Takes the sensitive values out of a record before people see it. Functions and other consumers
// never get such a record.
import { type EventRecord, fromRecord, isStructured, UNREADABLE_HEADER } from '../../../core/cloudevents/record.ts';
import type { Masker } from '../../../core/json-schema/sensitive.ts';
import { readExactJson, writeExactJson } from '../../../core/units/exact-json.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

export interface ShownRecord {
  /** The record for people. It has no data where these cannot be masked. */
  readonly record: LogRecord;
  /** How many values are masked; undefined for none. */
  readonly masked?: number;
  /** Why its data is not shown. */
  readonly notShown?: string;
}

export interface RecordMasker {
  show(record: LogRecord): ShownRecord;
  /**
   * Other data for a record, with its own values in place of masks that came back. The data is as
   * `readExactJson` reads it. Throws `invalid-input` for a mask that stands for no value.
   */
  restore(data: unknown, before: EventRecord): unknown;
}

const NO_JSON = 'It is not JSON, so its sensitive fields cannot be masked.';
const NO_MATCH = 'It does not match the schema of today, so its sensitive fields cannot be masked.';
const EMPTY = Buffer.alloc(0);

export function recordMasker(masker: Masker): RecordMasker {
  return {
    show(record) {
      if (record.value.length === 0) return { record };
      const found = dataOf(record);
      if (found === 'none') return { record };
      const masked = found === 'no JSON' ? undefined : masker.mask(found.data, found.exact);
      if (masked === undefined) return hide(record, found === 'no JSON' ? NO_JSON : NO_MATCH);
      return {
        record: { ...record, value: valueWith(record, masked.data) },
        ...(masked.masked === 0 ? {} : { masked: masked.masked }),
      };
    },
    restore(data, before) {
      const found = dataOf(before);
      return masker.restore(data, typeof found === 'object' ? found.exact : undefined);
    },
  };
}

/** Hides the data of all records. `why`: a sentence for people. */
export function hideAll(why: string): RecordMasker {
  return {
    show: record => (record.value.length === 0 ? { record } : hide(record, why)),
    restore: data => data,
  };
}

/** The reason for which a record could not be read may quote its data. */
function hide(record: LogRecord, notShown: string): ShownRecord {
  const { [UNREADABLE_HEADER]: unreadable, ...rest } = record.headers;
  const headers = unreadable === undefined ? rest : { ...rest, [UNREADABLE_HEADER]: 'its data could not be decoded' };
  return { record: { ...record, headers, value: isStructured(headers) ? documentWithout(record) : EMPTY }, notShown };
}

/** `exact`: as `readExactJson` reads it. */
type FoundData = { readonly data: unknown; readonly exact: unknown } | 'none' | 'no JSON';

/** The media type does not matter: all that is JSON can be masked. */
function dataOf(record: EventRecord): FoundData {
  try {
    if (!isStructured(record.headers)) return bothOf(textOf(record.value));
    const { data } = fromRecord(record);
    if (data === undefined) return 'none';
    if (data instanceof Uint8Array) return bothOf(textOf(data));
    return { data, exact: exactDataOf(record) };
  } catch {
    return 'no JSON';
  }
}

function bothOf(text: string): FoundData {
  return { data: JSON.parse(text), exact: readExactJson(text) };
}

function exactDataOf({ value }: EventRecord): unknown {
  const document = readExactJson(textOf(value));
  return typeof document === 'object' && document !== null && 'data' in document ? document.data : undefined;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function valueWith(record: LogRecord, data: unknown): Buffer {
  if (!isStructured(record.headers)) return Buffer.from(writeExactJson(data));
  return Buffer.from(writeExactJson({ ...fromRecord(record), data }));
}

/** Empty where not even the attributes can be read. */
function documentWithout(record: LogRecord): Buffer {
  try {
    const { data: _, ...attributes } = fromRecord(record);
    return Buffer.from(JSON.stringify(attributes));
  } catch {
    return EMPTY;
  }
}
