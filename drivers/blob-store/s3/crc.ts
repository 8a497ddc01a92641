// CRC-64/NVME (NVM Command Set 1.0, 5.2.1.3.4), by tables: Node has CRC-32 alone.

/** The reflected polynomial. */
const NVME = 0x9a6c9329ac4bc9b5n;

/** High and low halves: `BigInt` for each byte would be some twenty times slower. */
const high = new Uint32Array(256);
const low = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let sum = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) sum = (sum >> 1n) ^ (sum & 1n ? NVME : 0n);
  high[byte] = Number(sum >> 32n);
  low[byte] = Number(sum & 0xffffffffn);
}

/** `before`: the sum of the bytes before these, 0 for none. */
export function crc64nvme(bytes: Uint8Array, before = 0n): bigint {
  let top = ~Number(before >> 32n);
  let bottom = ~Number(before & 0xffffffffn);
  for (const byte of bytes) {
    const index = (bottom ^ byte) & 0xff;
    bottom = ((bottom >>> 8) | (top << 24)) ^ (low[index] ?? 0);
    top = (top >>> 8) ^ (high[index] ?? 0);
  }
  return (BigInt(~top >>> 0) << 32n) | BigInt(~bottom >>> 0);
}
