// Packs numbers, text and bytes into one growing buffer, and reads them back: what crosses the
// border of a thread in one piece.

const SMALLEST = 1024;
/** Below it a loop over the characters is faster than `Buffer.write`, characters. */
const SHORT_TEXT = 24;
const NONE = 0xffff_ffff;

export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = SMALLEST) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** The written bytes, without a copy; valid until the next write. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The whole memory below, to be transferred; the writer is of no use afterwards. */
  get memory(): ArrayBuffer {
    const { buffer } = this.#buffer;
    if (!(buffer instanceof ArrayBuffer)) throw new TypeError('memory is shared');
    return buffer;
  }

  u8(value: number): void {
    this.#grow(1);
    this.#buffer[this.#length++] = value;
  }

  u32(value: number): void {
    this.#grow(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  f64(value: number): void {
    this.#grow(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** Length and UTF-8; null is kept apart from the empty text. */
  text(value: string | null): void {
    if (value === null) {
      this.u32(NONE);
      return;
    }
    const start = this.#length;
    this.#grow(4 + value.length * 3);
    this.#length += 4;
    this.#characters(value);
    this.#buffer.writeUInt32LE(this.#length - start - 4, start);
  }

  /** Length and bytes. */
  sized(value: Uint8Array): void {
    this.u32(value.byteLength);
    this.raw(value);
  }

  /** The bytes alone. */
  raw(value: Uint8Array): void {
    this.#grow(value.byteLength);
    this.#buffer.set(value, this.#length);
    this.#length += value.byteLength;
  }

  /** Any plain value; for what is rare. */
  json(value: unknown): void {
    this.text(JSON.stringify(value));
  }

  /** Leaves room for four bytes, to be set later. */
  reserveU32(): number {
    this.u32(0);
    return this.#length - 4;
  }

  setU32(at: number, value: number): void {
    this.#buffer.writeUInt32LE(value, at);
  }

  /** Forgets what was written after `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  #characters(value: string): void {
    if (value.length > SHORT_TEXT) {
      this.#length += this.#buffer.write(value, this.#length, 'utf8');
      return;
    }
    const start = this.#length;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        this.#length = start + this.#buffer.write(value, start, 'utf8');
        return;
      }
      this.#buffer[start + index] = code;
    }
    this.#length = start + value.length;
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + by));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

export class ByteReader {
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array | ArrayBuffer, at = 0, end = bytes.byteLength) {
    this.#buffer =
      bytes instanceof ArrayBuffer ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  f64(): number {
    return this.#buffer.readDoubleLE(this.#take(8));
  }

  textOrNull(): string | null {
    const length = this.u32();
    if (length === NONE) return null;
    const start = this.#take(length);
    return this.#buffer.toString('utf8', start, start + length);
  }

  text(): string {
    return this.textOrNull() ?? '';
  }

  /** A view, no copy. */
  sized(): Buffer {
    return this.raw(this.u32());
  }

  /** A view, no copy. */
  raw(length: number): Buffer {
    const start = this.#take(length);
    return this.#buffer.subarray(start, start + length);
  }

  /** Reads a value that `json` of the same program wrote. */
  json<T>(): T {
    return JSON.parse(this.text());
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new RangeError(`${length} bytes wanted, ${this.left} left`);
    this.#at = start + length;
    return start;
  }
}
