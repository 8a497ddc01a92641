// Validates an event before it goes into a topic: its schema, its size and its key. An event that
// passes becomes a record.

import type { Scope } from '../cel/scope.ts';
import { compileTemplate } from '../cel/template.ts';
import { TenfoldError } from '../errors.ts';
import type { JsonSchema } from '../json-schema/json-schema.ts';
import { mayBeRounded } from '../units/exact-json.ts';
import { parseExactly } from '../units/whole-numbers.ts';
import type { CloudEvent } from './cloud-event.ts';
import { isJsonType } from './media-type.ts';
import { toRecord } from './record.ts';
import { eventNameOf } from './same-event.ts';

export interface EventValidatorSpec {
  /**
   * Expression in `${…}` over the event. Without it the partitionkey, else
   * the subject, else no key.
   */
  readonly key?: string | undefined;
  /** Of the data. */
  readonly schema?: JsonSchema | undefined;
  /** Bytes of one event: data, attributes and key. */
  readonly maxSize: number;
}

export interface AdmittedRecord {
  readonly key: string | null;
  /**
   * The key of an event without one. A repeat of the event goes to the same partition, so readers
   * recognise it.
   */
  readonly spread?: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface EventValidator {
  readonly maxSize: number;
  /** Whether data must be at hand: for its schema, or because the key is made of it. */
  readonly readsData: boolean;
  /**
   * Gives the record of the event, or throws the reason for its refusal. `body`: the data as it
   * came, where that is known. `extra`: further headers of the record, in lower case.
   */
  admit(event: CloudEvent, body: Uint8Array | undefined, extra: Readonly<Record<string, string>>): AdmittedRecord;
  /**
   * The same for an event whose data is kept elsewhere: it is checked where it is at hand, and the
   * record has its place in its stead.
   */
  admitReference(
    event: CloudEvent,
    dataref: string,
    extra: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
  ): AdmittedRecord;
}

/** `scope`: that of events. Throws `invalid-expression`. */
export function compileEventValidator(
  { key: source, schema, maxSize }: EventValidatorSpec,
  scope: Scope,
): EventValidator {
  const key = source === undefined ? undefined : compileTemplate(source, scope, { expected: 'string', whole: true });
  const keyReadsData = key?.references.some(readsData) ?? false;
  const keyOf = (event: CloudEvent, body: Uint8Array | undefined): string | null => {
    if (key === undefined) return textOf(event['partitionkey']) ?? event.subject ?? null;
    try {
      return textOf(key.evaluate({ event: keyReadsData ? withDigits(event, body) : event })) ?? null;
    } catch (cause) {
      throw new TenfoldError('invalid-event', `The event has no key: ${source} cannot be evaluated.`, { cause });
    }
  };
  return {
    maxSize,
    readsData: schema !== undefined || keyReadsData,
    admit(event, body, extra) {
      if (schema) assertMatches(schema, event);
      return pack(event, keyOf(event, body), body, extra);
    },
    admitReference(event, dataref, extra, body) {
      if (schema) assertMatches(schema, event);
      const { data: _, ...attributes } = event;
      return pack({ ...attributes, dataref }, keyOf(event, body), undefined, extra);
    },
  };

  function pack(
    event: CloudEvent,
    key: string | null,
    body: Uint8Array | undefined,
    extra: Readonly<Record<string, string>>,
  ): AdmittedRecord {
    const record = toRecord(event, key, body);
    for (const name in extra) record.headers[name] = extra[name] ?? '';
    const size = sizeOf(record);
    if (size <= maxSize) return key === null ? { ...record, spread: eventNameOf(event) } : record;
    throw new TenfoldError('body-too-large', `The event has ${size} bytes; at most ${maxSize} are taken here.`);
  }
}

/** Throws `unsupported-media-type` or `invalid-input`. */
export function assertMatches(
  schema: JsonSchema,
  { data, datacontenttype: type }: Pick<CloudEvent, 'data' | 'datacontenttype'>,
): void {
  if (data instanceof Uint8Array || (type !== undefined && !isJsonType(type))) {
    throw new TenfoldError('unsupported-media-type', 'The data must be JSON: it is checked against a schema here.');
  }
  const violations = schema.validate(data);
  if (violations.length === 0) return;
  const [first] = violations;
  const place = first?.pointer ? `at ${first.pointer}` : 'as a whole';
  throw new TenfoldError('invalid-input', `The data does not match its schema: ${place} it ${first?.message}.`, {
    extensions: { violations },
  });
}

/** `event.data`, a member of it, or the event as a whole. */
function readsData(reference: string): boolean {
  return reference === 'event' || reference === 'event.data' || reference.startsWith('event.data.');
}

/** The event with every digit of its data, as expressions read it. */
function withDigits(event: CloudEvent, body: Uint8Array | undefined): CloudEvent {
  if (body === undefined || !isJsonType(event.datacontenttype ?? 'application/json')) return event;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return mayBeRounded(text) ? { ...event, data: parseExactly(text) } : event;
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

function sizeOf({ key, value, headers }: AdmittedRecord): number {
  let size = value.length + (key === null ? 0 : key.length);
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0);
  return size;
}
