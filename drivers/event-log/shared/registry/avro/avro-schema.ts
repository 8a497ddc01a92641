// Data in Avro: avsc reads schemas and writes, we read.
import avsc, { type Schema, type Type } from 'avsc';
import type { DataSchema, SchemaText } from '../data-schema.ts';
import { DecimalType } from './decimal.ts';
import { decodeAvro } from './decode-avro.ts';
import { toAvro } from './to-avro.ts';

const MAX_LONG = 2n ** 63n - 1n;
/** Longs as they are, which numbers cannot hold. */
const long = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer(value: bigint) {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint' && value <= MAX_LONG && value >= -MAX_LONG - 1n,
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
});

export function compileAvro({ text, references }: SchemaText): DataSchema {
  const registry: Record<string, Type> = {};
  const typeHook = (schema: unknown) => (isLong(schema) ? long : undefined);
  const options = { wrapUnions: true, registry, typeHook, logicalTypes: { decimal: DecimalType } };
  const parse = (source: string) => avsc.Type.forSchema(schemaOf(source), options as never);
  for (const reference of references) parse(reference.text);
  const type = parse(text);
  return {
    contentType: 'application/avro',
    decode: bytes => JSON.stringify(decodeAvro(type, bytes)),
    encode: data => type.toBuffer(toAvro(type, data)),
  };
}

/** Times among them, which stay the numbers that they are. */
const isLong = (schema: unknown) =>
  schema === 'long' || (typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'long');

/** A registry keeps the schema of a primitive as JSON text or as its bare name. */
function schemaOf(text: string): Schema {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}
