// A block and its columns on the way between threads.
import type { ByteReader, ByteWriter } from '../../../sqlite/bytes.ts';
import type { Uncovered } from './indexer.ts';
import type { NamedBlock } from './name-rows.ts';

export function packWholeBlock(out: ByteWriter, { base, count, columns }: NamedBlock): void {
  out.f64(base);
  out.u32(count);
  out.u32(columns.length);
  for (const column of columns) out.sized(column);
}

export function unpackBlock(bytes: ByteReader): NamedBlock {
  const base = bytes.f64();
  const count = bytes.u32();
  // Copies: a view keeps the whole frame.
  const columns = Array.from({ length: bytes.u32() }, () => Uint8Array.from(bytes.sized()));
  return { base, count, columns };
}

export function packNextBlock(out: ByteWriter, found: NamedBlock | Uncovered): void {
  const isBlock = 'columns' in found;
  out.u8(isBlock ? 1 : 0);
  if (isBlock) packWholeBlock(out, found);
  else {
    out.f64(found.records);
    out.f64(found.bytes);
  }
}

export function unpackNextBlock(reply: ByteReader): NamedBlock | Uncovered {
  return reply.u8() === 1 ? unpackBlock(reply) : { records: reply.f64(), bytes: reply.f64() };
}
