// Undoes what other producers, or topics that are set to it, compressed with LZ4 or
// Snappy; Node.js has neither.

/** Largest content of a batch; more is no batch but a trap. */
export const MAX_INFLATED = 256 << 20;

class Output {
  #bytes: Buffer;
  length = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  literal(from: Buffer, at: number, size: number): void {
    if (at + size > from.length) throw new RangeError('it ends too early');
    this.#room(size);
    from.copy(this.#bytes, this.length, at, at + size);
    this.length += size;
  }

  /** Copies bytes from `back` bytes ago. The source may overlap with the copy. */
  copy(back: number, size: number): void {
    const from = this.length - back;
    if (back === 0 || from < 0) throw new RangeError('it refers to what lies before it');
    this.#room(size);
    if (back >= size) this.#bytes.copyWithin(this.length, from, from + size);
    else for (let index = 0; index < size; index++) this.#bytes[this.length + index] = this.#bytes[from + index] ?? 0;
    this.length += size;
  }

  #room(size: number): void {
    const needed = this.length + size;
    if (needed > MAX_INFLATED) throw new RangeError(`it has more than ${MAX_INFLATED} bytes`);
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, 2 * this.#bytes.length), MAX_INFLATED));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}

const LZ4_MAGIC = 0x184d2204;
const FLAG_BLOCK_CHECKSUM = 1 << 4;
const FLAG_SIZE = 1 << 3;
const FLAG_DICTIONARY = 1;
const STORED = 0x80000000;

/** A frame (lz4_Frame_format.md). Its checksums are not looked at: the batch has its own. */
export function inflateLz4(data: Buffer): Buffer {
  if (data.readUInt32LE(0) !== LZ4_MAGIC) throw new RangeError('it is no frame of LZ4');
  const flags = data.readUInt8(4);
  let at = 7 + (flags & FLAG_SIZE ? 8 : 0) + (flags & FLAG_DICTIONARY ? 4 : 0);
  const out = new Output(4 * data.length);
  for (;;) {
    const head = data.readUInt32LE(at);
    at += 4;
    if (head === 0) return out.bytes;
    const size = head % STORED;
    if (head >= STORED) out.literal(data, at, size);
    else lz4Block(data, at, at + size, out);
    at += size + (flags & FLAG_BLOCK_CHECKSUM ? 4 : 0);
  }
}

function lz4Block(data: Buffer, from: number, end: number, out: Output): void {
  let at = from;
  const sizeOf = (nibble: number) => {
    let size = nibble;
    if (nibble < 15) return size;
    for (;;) {
      const byte = data.readUInt8(at++);
      size += byte;
      if (byte < 255) return size;
    }
  };
  while (at < end) {
    const token = data.readUInt8(at++);
    const literals = sizeOf(token >> 4);
    out.literal(data, at, literals);
    at += literals;
    // The last sequence has literals alone.
    if (at >= end) return;
    const back = data.readUInt16LE(at);
    at += 2;
    out.copy(back, sizeOf(token & 15) + 4);
  }
}

/** The magic number of the framing that Java's producers use; others send one block without. */
const XERIAL_MAGIC = Buffer.from('82534e4150505900', 'hex');
const XERIAL_HEADER = 16;

export function inflateSnappy(data: Buffer): Buffer {
  const out = new Output(4 * data.length);
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) snappyBlock(data, 0, data.length, out);
  else
    for (let at = XERIAL_HEADER; at < data.length; ) {
      const size = data.readUInt32BE(at);
      snappyBlock(data, at + 4, at + 4 + size, out);
      at += 4 + size;
    }
  return out.bytes;
}

/** format_description.txt of Snappy. */
function snappyBlock(data: Buffer, from: number, end: number, out: Output): void {
  let at = from;
  // The size of the content, which shows by itself.
  while (data.readUInt8(at++) >= 0x80);
  while (at < end) {
    const tag = data.readUInt8(at++);
    const upper = tag >> 2;
    switch (tag & 3) {
      case 0: {
        const extra = upper < 60 ? 0 : upper - 59;
        const size = (extra === 0 ? upper : data.readUIntLE(at, extra)) + 1;
        out.literal(data, at + extra, size);
        at += extra + size;
        break;
      }
      case 1:
        out.copy(((tag >> 5) << 8) | data.readUInt8(at), (upper & 7) + 4);
        at += 1;
        break;
      case 2:
        out.copy(data.readUInt16LE(at), upper + 1);
        at += 2;
        break;
      default:
        out.copy(data.readUInt32LE(at), upper + 1);
        at += 4;
    }
  }
}
