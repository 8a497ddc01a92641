// Writes and reads the primitive types of Kafka's protocol.

const FIRST_SIZE = 256;
const TWO_32 = 4294967296;
/** The factor of the tenth byte of a number: no number has more bytes. */
const LARGEST_FACTOR = 2 ** 63;

/** A growing buffer, big-endian. */
export class WireWriter {
  #buffer: Buffer;
  length = 0;

  constructor(size = FIRST_SIZE) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** The written bytes, without a copy. Write nothing after taking them. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** May replace the buffer, which is to be looked up after it. */
  #room(count: number): number {
    const at = this.length;
    const needed = at + count;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.length = needed;
    return at;
  }

  i8(value: number): this {
    const at = this.#room(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }

  i16(value: number): this {
    const at = this.#room(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }

  i32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeUInt32BE(value, at);
    return this;
  }

  i64(value: number): this {
    const at = this.#room(8);
    this.#buffer.writeInt32BE(Math.floor(value / TWO_32), at);
    this.#buffer.writeUInt32BE(((value % TWO_32) + TWO_32) % TWO_32, at + 4);
    return this;
  }

  /** Overwrites what was written at `at`. */
  i32At(at: number, value: number): void {
    this.#buffer.writeInt32BE(value, at);
  }

  u32At(at: number, value: number): void {
    this.#buffer.writeUInt32BE(value, at);
  }

  string(value: string | null): this {
    if (value === null) return this.i16(-1);
    const size = Buffer.byteLength(value);
    this.i16(size);
    const at = this.#room(size);
    this.#buffer.write(value, at, 'utf8');
    return this;
  }

  compactString(value: string): this {
    const bytes = Buffer.from(value);
    return this.uvarint(bytes.byteLength + 1).raw(bytes);
  }

  raw(value: Uint8Array): this {
    const at = this.#room(value.byteLength);
    this.#buffer.set(value, at);
    return this;
  }

  sized(value: Uint8Array): this {
    return this.i32(value.byteLength).raw(value);
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.i32(items.length);
    for (const item of items) write(item);
    return this;
  }

  uvarint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.i8((rest % 128) - 128);
      rest = Math.floor(rest / 128);
    }
    return this.i8(rest);
  }

  /** Zigzag; whole numbers of up to 52 bits. */
  varint(value: number): this {
    return this.uvarint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** With its size in front, as records have it. */
  text(value: string): this {
    const size = Buffer.byteLength(value);
    this.varint(size);
    const at = this.#room(size);
    this.#buffer.write(value, at, 'utf8');
    return this;
  }
}

export class WireReader {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer;
    this.at = at;
  }

  get left(): number {
    return this.buffer.length - this.at;
  }

  i8(): number {
    return this.buffer.readInt8(this.#step(1));
  }

  i16(): number {
    return this.buffer.readInt16BE(this.#step(2));
  }

  i32(): number {
    return this.buffer.readInt32BE(this.#step(4));
  }

  u32(): number {
    return this.buffer.readUInt32BE(this.#step(4));
  }

  /** Exact up to 2^53. */
  i64(): number {
    const at = this.#step(8);
    return this.buffer.readInt32BE(at) * TWO_32 + this.buffer.readUInt32BE(at + 4);
  }

  string(): string | null {
    const size = this.i16();
    return size < 0 ? null : this.utf8(size);
  }

  utf8(size: number): string {
    const at = this.#step(size);
    return this.buffer.toString('utf8', at, at + size);
  }

  bytes(size: number): Buffer {
    const at = this.#step(size);
    return this.buffer.subarray(at, at + size);
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.i32(); count > 0; count--) items.push(read());
    return items;
  }

  uvarint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.buffer[this.at++];
      if (byte === undefined || factor > LARGEST_FACTOR) throw new RangeError('The message ends too early.');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A string of flexible versions: the size plus one in front, 0 for null. */
  compactString(): string | null {
    const size = this.uvarint();
    return size === 0 ? null : this.utf8(size - 1);
  }

  compactArray<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.uvarint() - 1; count > 0; count--) items.push(read());
    return items;
  }

  /** Fields of later versions, which nobody here reads. */
  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.#step(this.uvarint());
    }
  }

  #step(count: number): number {
    const at = this.at;
    if (count < 0 || at + count > this.buffer.length) throw new RangeError('The message ends too early.');
    this.at += count;
    return at;
  }
}
