// A block and its columns on the way between threads.
import type { ByteReader, ByteWriter } from '../../../sqlite/bytes.ts';
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

/** Nothing where there is no block. */
export function packBlock(out: ByteWriter, block: NamedBlock | undefined): void {
  if (block !== undefined) packWholeBlock(out, block);
}

export function unpackNextBlock(reply: ByteReader): NamedBlock | undefined {
  return reply.left === 0 ? undefined : unpackBlock(reply);
}
