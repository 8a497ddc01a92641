// Records whose values begin with the number of their schema (Confluent's wire format: a zero byte,
// four bytes of number, the data), to JSON and back.

import { isUtf8 } from 'node:buffer';
import { isJsonType } from '../../../../core/cloudevents/media-type.ts';
import { isStructured } from '../../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../../core/errors.ts';
import { withoutTrailingSlashes } from '../../../../core/paths/trailing-slashes.ts';
import type { LogRecord, NewRecord } from '../../event-log.ts';
import { unreadable } from '../as-event.ts';
import type { DataCodec } from '../topic-sharing.ts';
import type { LatestSchema, SchemaRegistry, Verdict } from './schema-registry.ts';

export interface RegistryCodecOptions {
  readonly registry: SchemaRegistry;
  /** The format of written records. */
  readonly format: 'avro' | 'protobuf' | 'json';
  readonly subject: string;
  /** Address of the registry, for the attribute `dataschema`. */
  readonly url: string;
}

const FRAME = 5;
const CONTENT_TYPE = 'content-type';
const SCHEMA = 'ce_dataschema';

export function createRegistryCodec({ registry, format, subject, url }: RegistryCodecOptions): DataCodec {
  const addressOf = (id: number) => `${withoutTrailingSlashes(url)}/schemas/ids/${id}`;

  const decodeWith = (record: LogRecord, id: number, verdict: Verdict): LogRecord => {
    if ('reason' in verdict) return unreadable(record, `the schema ${id} of its data ${verdict.reason}.`);
    try {
      const value = Buffer.from(verdict.schema.decode(toBuffer(record.value).subarray(FRAME)));
      const headers = { [SCHEMA]: addressOf(id), ...record.headers, [CONTENT_TYPE]: 'application/json' };
      return { ...record, value, headers };
    } catch (error) {
      return unreadable(record, `its data is not of schema ${id}: ${messageOf(error)}.`);
    }
  };

  const encodeWith = (record: NewRecord, { id, type, schema }: LatestSchema): NewRecord => {
    if (type !== format.toUpperCase())
      throw new TenfoldError('not-ready', `The schema ${subject} is of the type ${type}, not ${format}.`, {
        retryAfterSeconds: 5,
      });
    let data: Buffer;
    try {
      data = schema.encode(dataOf(record));
    } catch (error) {
      if (error instanceof TenfoldError) throw error;
      throw new TenfoldError('invalid-input', `The data does not match the schema ${subject}: ${messageOf(error)}.`);
    }
    const frame = Buffer.alloc(FRAME);
    frame.writeUInt32BE(id, 1);
    const headers = {
      ...record.headers,
      [CONTENT_TYPE]: schema.contentType,
      [SCHEMA]: record.headers[SCHEMA] ?? addressOf(id),
    };
    return { ...record, value: Buffer.concat([frame, data]), headers };
  };

  return {
    decode(record) {
      const { value, headers } = record;
      if (value.byteLength === 0 || isStructured(headers)) return record;
      if (value[0] !== 0 || value.byteLength < FRAME) return withoutFrame(record);
      const id = toBuffer(value).readUInt32BE(1);
      const verdict = registry.byId(id);
      return verdict instanceof Promise
        ? verdict.then(known => decodeWith(record, id, known))
        : decodeWith(record, id, verdict);
    },
    encode(record) {
      const latest = registry.latest(subject);
      return latest instanceof Promise ? latest.then(known => encodeWith(record, known)) : encodeWith(record, latest);
    },
  };
}

/**
 * JSON may have been written before there was a schema; nothing else is told apart from garbage.
 */
function withoutFrame(record: LogRecord): LogRecord {
  const bytes = toBuffer(record.value);
  try {
    if (!isUtf8(bytes)) throw new Error();
    JSON.parse(bytes.toString('utf8'));
    return record;
  } catch {
    return unreadable(record, 'its data does not begin with the number of a schema, and is no JSON.');
  }
}

function dataOf({ value, headers }: NewRecord): unknown {
  const type = headers[CONTENT_TYPE];
  if (value.byteLength === 0)
    throw new TenfoldError('invalid-input', 'The event has no data, which its topic needs for its schema.');
  if (type !== undefined && !isJsonType(type))
    throw new TenfoldError('unsupported-media-type', 'The data must be JSON: it is written by a schema here.');
  try {
    return JSON.parse(toBuffer(value).toString('utf8'));
  } catch (cause) {
    throw new TenfoldError('invalid-input', 'The data is not valid JSON.', { cause });
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 500);

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
