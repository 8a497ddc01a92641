// CRC-32C (Castagnoli; RFC 3720, B.4), eight bytes at a time: Node.js has
// only the other polynomial.

const POLYNOMIAL = 0x82f63b78;

const [T0, T1, T2, T3, T4, T5, T6, T7] = createTables();

/**
 * The sum of `data` from `from` up to `to`, as an unsigned number. `before`: the sum of the bytes
 * before these, 0 for none.
 */
export function crc32c(data: Uint8Array, from = 0, to = data.length, before = 0): number {
  let crc = ~before;
  let at = from;
  // biome-ignore-start lint/style/noNonNullAssertion: indices are bytes and stay within the bounds; a check for each would double the time
  for (const end = to - 7; at < end; at += 8) {
    crc ^= data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    crc =
      T7[crc & 0xff]! ^
      T6[(crc >>> 8) & 0xff]! ^
      T5[(crc >>> 16) & 0xff]! ^
      T4[crc >>> 24]! ^
      T3[data[at + 4]!]! ^
      T2[data[at + 5]!]! ^
      T1[data[at + 6]!]! ^
      T0[data[at + 7]!]!;
  }
  for (; at < to; at++) crc = T0[(crc ^ data[at]!) & 0xff]! ^ (crc >>> 8);
  // biome-ignore-end lint/style/noNonNullAssertion: see above
  return ~crc >>> 0;
}

type Table = Int32Array;

function createTables(): readonly [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    return value;
  });
  const next = (table: Table): Table => table.map(value => (value >>> 8) ^ (first[value & 0xff] ?? 0));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
