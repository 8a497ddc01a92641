// The record of an event with other data: its type, source and key stay as they are.
import { isDeepStrictEqual } from 'node:util';
import type { DeadLetterEdit } from '../../../admin/commands/dead-letter-view.ts';
import { assertMatches } from '../../../core/cloudevents/event-validator.ts';
import { isJsonType, isMediaType } from '../../../core/cloudevents/media-type.ts';
import { type EventRecord, fromRecord, isStructured, toRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { createSchemaCompiler } from '../../../core/json-schema/json-schema.ts';
import { readExactJson, writeExactJson } from '../../../core/units/exact-json.ts';
import type { RecordMasker } from '../masking/mask-record.ts';

/** `mask`: through which people have seen the event. */
export interface EditRules {
  readonly schema?: unknown;
  readonly mask?: RecordMasker | undefined;
}

/**
 * Throws `invalid-input` for data that are not what their media type says. It also throws, as the
 * endpoint does, for data that do not match `schema`: the topic may ask for another shape by now
 * than when the event came. A masked value that comes back stands for the value that it masks.
 */
export function editRecord(record: EventRecord, edit: DeadLetterEdit, { schema, mask }: EditRules = {}): EventRecord {
  let value = edit.text === undefined ? Buffer.from(edit.base64, 'base64') : Buffer.from(edit.text);
  const headers: Record<string, string> = { ...binaryHeaders(record) };
  // The data that it refers to are not its data any more.
  delete headers['ce_dataref'];
  if (edit.contentType !== undefined) {
    if (!isMediaType(edit.contentType)) {
      throw new TenfoldError('invalid-input', 'The content type is no media type, such as application/json.');
    }
    headers['content-type'] = edit.contentType;
  }
  const type = headers['content-type'] ?? 'application/json';
  const isJson = value.length > 0 && isJsonType(type);
  if (isJson) {
    const given = readJson(value);
    const data = mask ? mask.restore(given, record) : given;
    if (!isDeepStrictEqual(data, given)) value = Buffer.from(writeExactJson(data));
  }
  if (schema !== undefined) {
    const data = isJson ? JSON.parse(value.toString('utf8')) : value;
    const event = { data: value.length === 0 ? undefined : data, datacontenttype: type };
    assertMatches(createSchemaCompiler()(schema), event);
  }
  return { value, headers };
}

/** In structured mode data and attributes are one document; from here on they are apart. */
function binaryHeaders(record: EventRecord): Readonly<Record<string, string>> {
  if (!isStructured(record.headers)) return record.headers;
  const { 'content-type': _document, ...rest } = record.headers;
  return { ...rest, ...toRecord(fromRecord(record), null).headers };
}

function readJson(value: Buffer): unknown {
  try {
    return readExactJson(value.toString('utf8'));
  } catch (cause) {
    throw new TenfoldError('invalid-input', `The new data are no JSON, and the event says they are.`, {
      cause,
    });
  }
}
