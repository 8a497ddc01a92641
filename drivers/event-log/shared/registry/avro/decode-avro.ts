// Reads Avro's binary encoding as JSON. Our own: that of avsc reads beyond the end, so that a few
// bytes which claim millions of items make as many.

import { isUtf8 } from 'node:buffer';
import type { Type, types } from 'avsc';
import { counted } from '../../../../../core/units/counted.ts';
import { decimalText, isDecimal } from './decimal.ts';

/** Records in records, and so on. */
const MOST_LEVELS = 200;

class AvroReader {
  readonly #bytes: Buffer;
  #at = 0;
  /**
   * Values that may be read: some take no bytes at all, and schemas can have them grow without end.
   */
  #budget: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#budget = 10_000 + 10 * bytes.length;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  begin(level: number): void {
    if (level > MOST_LEVELS) throw new Error(`it is more than ${MOST_LEVELS} levels deep`);
    if (--this.#budget < 0) throw new Error('it has far more values than bytes');
  }

  take(size: number): Buffer {
    if (size < 0 || size > this.left) throw new Error('it ends too early');
    const at = this.#at;
    this.#at += size;
    return this.#bytes.subarray(at, this.#at);
  }

  /** Zigzag, at most 64 bits. */
  long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new Error('a number has more than 64 bits');
  }

  int(): number {
    const value = this.long();
    if (value !== BigInt.asIntN(32, value)) throw new Error('an int has more than 32 bits');
    return Number(value);
  }

  size(): number {
    const size = this.long();
    if (size < 0n || size > BigInt(this.left)) throw new Error('it ends too early');
    return Number(size);
  }
}

export function decodeAvro(type: Type, bytes: Buffer): unknown {
  const reader = new AvroReader(bytes);
  const value = read(type, reader, 0);
  if (reader.left > 0) throw new Error(`${counted(reader.left, 'byte')} left over`);
  return value;
}

function read(type: Type, reader: AvroReader, level: number): unknown {
  reader.begin(level);
  switch (type.typeName) {
    case 'null':
      return null;
    case 'boolean':
      return reader.take(1)[0] !== 0;
    case 'int':
      return reader.int();
    case 'long':
    case 'abstract:long':
      return numberOf(reader.long());
    case 'float':
      return finite(reader.take(4).readFloatLE());
    case 'double':
      return finite(reader.take(8).readDoubleLE());
    case 'bytes':
      return reader.take(reader.size()).toString('base64');
    case 'string':
      return textOf(reader.take(reader.size()));
    case 'fixed':
      return reader.take((type as types.FixedType).size).toString('base64');
    case 'enum': {
      const symbol = (type as types.EnumType).symbols[Number(reader.long())];
      if (symbol === undefined) throw new Error('a value is none of its enum');
      return symbol;
    }
    case 'array': {
      const { itemsType } = type as types.ArrayType;
      const items: unknown[] = [];
      forBlocks(reader, () => items.push(read(itemsType, reader, level + 1)));
      return items;
    }
    case 'map': {
      const { valuesType } = type as types.MapType;
      const entries: [string, unknown][] = [];
      forBlocks(reader, () => entries.push([textOf(reader.take(reader.size())), read(valuesType, reader, level + 1)]));
      return Object.fromEntries(entries);
    }
    case 'union:wrapped':
    case 'union:unwrapped': {
      const branch = (type as types.WrappedUnionType).types[Number(reader.long())];
      if (branch === undefined) throw new Error('a value is of none of the types of its union');
      return read(branch, reader, level + 1);
    }
    case 'record':
    case 'error': {
      const { fields } = type as types.RecordType;
      return Object.fromEntries(fields.map(field => [field.name, read(field.type, reader, level + 1)]));
    }
    default:
      if (!isDecimal(type)) throw new Error(`its type ${type.typeName} is not known here`);
      return decimalText(type, reader.take(type.size ?? reader.size()));
  }
}

/** Each item takes a byte at least, so that what is claimed is never more than what is there. */
function forBlocks(reader: AvroReader, readItem: () => void): void {
  for (;;) {
    const claimed = reader.long();
    if (claimed === 0n) return;
    // A negative count is followed by the size of the block.
    const count = claimed < 0n ? -claimed : claimed;
    if (claimed < 0n) reader.long();
    if (count > BigInt(reader.left)) throw new Error('it claims more items than it has bytes');
    for (let left = Number(count); left > 0; left--) readItem();
  }
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error('a text is not UTF-8');
  return bytes.toString('utf8');
}

/** As ProtoJSON does it: what JSON cannot hold is a text. */
function numberOf(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

const finite = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
