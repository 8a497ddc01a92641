// Takes answers apart as their bytes arrive, however these are split; every rule that is broken
// throws, and ends the connection.
import { TransportError } from '../transport-error.ts';
import { malformed, type ParsedResponseHead, parseResponseHead } from './response-head.ts';

export interface ResponseReceiver {
  /** Not for 1xx, but for the 101 that was asked for. */
  onHead(head: ParsedResponseHead): void;
  /**
   * Bytes of the body, in `data` from `from` to before `to`; the memory is
   * used again after the call.
   */
  onBody(data: Buffer, from: number, to: number): void;
}

/** Bytes that the head of one answer may have. */
const MAX_HEAD_BYTES = 65_536;
/** 1xx answers before the one that counts. */
const MAX_INTERIM = 32;
/** Bytes of a chunk's extensions, which nobody here reads. */
const MAX_EXTENSION_BYTES = 4_096;
/** Bytes of all trailers, which are dropped. */
const MAX_TRAILER_BYTES = 16_384;

const HEAD = 0;
const FIXED = 1;
const UNTIL_END = 2;
const CHUNK_SIZE = 3;
const CHUNK_EXTENSION = 4;
const CHUNK_SIZE_LF = 5;
const CHUNK_DATA = 6;
const CHUNK_DATA_CR = 7;
const CHUNK_DATA_LF = 8;
const TRAILER_START = 9;
const TRAILER = 10;
const TRAILER_LF = 11;
const LAST_LF = 12;
const DONE = 13;

const CR = 0x0d;
const LF = 0x0a;

/** A class, as it is one object with a lifecycle per connection. */
export class ResponseParser {
  readonly #receiver: ResponseReceiver;
  #state = DONE;
  #bodiless = false;
  #upgrade = false;
  #interim = 0;
  /** Bytes of the body or the chunk that are yet to come. */
  #left = 0;
  #digits = 0;
  #skipped = 0;
  /** The beginning of a head that did not come at once. */
  #partial: Buffer | undefined;
  #partialLength = 0;

  constructor(receiver: ResponseReceiver) {
    this.#receiver = receiver;
  }

  /** An answer is to come. `bodiless`: to a HEAD. `upgrade`: 101 is a right answer. */
  begin(bodiless: boolean, upgrade: boolean): void {
    this.#state = HEAD;
    this.#bodiless = bodiless;
    this.#upgrade = upgrade;
    this.#interim = 0;
  }

  /** Nothing (more) is to come. */
  get done(): boolean {
    return this.#state === DONE;
  }

  /** The rest is not wanted. */
  stop(): void {
    this.#state = DONE;
    this.#partial = undefined;
  }

  /**
   * Takes `data` from `from` to before `to`; answers where it stopped, which is before `to` only
   * once the answer is whole.
   */
  execute(data: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && this.#state !== DONE) {
      if (this.#state === HEAD) at = this.#takeHead(data, at, to);
      else if (this.#state === FIXED || this.#state === UNTIL_END || this.#state === CHUNK_DATA)
        at = this.#takeBody(data, at, to);
      else this.#takeByte(data[at++] ?? 0);
    }
    return at;
  }

  /** The other side has ended the connection. Throws when the answer is not whole. */
  finish(): void {
    if (this.#state === UNTIL_END) this.#state = DONE;
    if (this.#state !== DONE) throw new TransportError('ECONNRESET', 'The connection ended before the answer did.');
  }

  #takeHead(data: Buffer, at: number, to: number): number {
    if (this.#partial !== undefined) return this.#takePartialHead(data, at, to);
    const end = data.indexOf('\r\n\r\n', at, 'latin1');
    // The buffer may hold bytes of earlier reads behind `to`.
    if (end === -1 || end + 4 > to) {
      this.#partial = Buffer.allocUnsafe(1024);
      this.#partialLength = 0;
      return this.#takePartialHead(data, at, to);
    }
    if (end - at > MAX_HEAD_BYTES) throw tooLarge();
    this.#headDone(data.toString('latin1', at, end + 2));
    return end + 4;
  }

  /** Rare: heads nearly always come in one piece. */
  #takePartialHead(data: Buffer, from: number, to: number): number {
    let at = from;
    let length = this.#partialLength;
    let partial = this.#partial ?? Buffer.alloc(0);
    while (at < to) {
      if (length === partial.length) partial = Buffer.concat([partial], length * 2);
      const byte = data[at++] ?? 0;
      partial[length++] = byte;
      if (length <= BEGINNING.length && byte !== BEGINNING.charCodeAt(length - 1)) throw malformed('it is not HTTP/1');
      if (byte !== LF) continue;
      if (partial[length - 2] !== CR) throw malformed('a line of its head does not end with CRLF');
      if (partial[length - 3] !== LF || partial[length - 4] !== CR) continue;
      if (length - 4 > MAX_HEAD_BYTES) throw tooLarge();
      this.#partial = undefined;
      this.#headDone(partial.toString('latin1', 0, length - 2));
      return at;
    }
    if (length > MAX_HEAD_BYTES + 4) throw tooLarge();
    this.#partial = partial;
    this.#partialLength = length;
    return at;
  }

  #headDone(text: string): void {
    const head = parseResponseHead(text);
    const { status } = head;
    if (status < 200) {
      if (status !== 101) {
        if (++this.#interim > MAX_INTERIM) throw malformed('too many interim answers come before it');
        return;
      }
      if (!this.#upgrade) throw malformed('it changes the protocol, which nobody asked for');
      this.#state = DONE;
    } else if (this.#bodiless || status === 204 || status === 304) this.#state = DONE;
    else if (head.chunked) this.#nextChunk();
    else if (head.contentLength === undefined) this.#state = UNTIL_END;
    else {
      this.#left = head.contentLength;
      this.#state = this.#left === 0 ? DONE : FIXED;
    }
    this.#receiver.onHead(head);
  }

  #takeBody(data: Buffer, at: number, to: number): number {
    if (this.#state === UNTIL_END) {
      this.#receiver.onBody(data, at, to);
      return to;
    }
    const end = Math.min(to, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = this.#state === FIXED ? DONE : CHUNK_DATA_CR;
    this.#receiver.onBody(data, at, end);
    return end;
  }

  #nextChunk(): void {
    this.#state = CHUNK_SIZE;
    this.#left = 0;
    this.#digits = 0;
  }

  /** RFC 9112 §7.1 */
  #takeByte(byte: number): void {
    switch (this.#state) {
      case CHUNK_SIZE:
        this.#takeSize(byte);
        break;
      case CHUNK_EXTENSION:
        if (byte === CR) this.#state = CHUNK_SIZE_LF;
        else this.#skip(byte, MAX_EXTENSION_BYTES);
        break;
      case CHUNK_SIZE_LF:
        this.#skipped = 0;
        this.#expect(byte, LF, this.#left === 0 ? TRAILER_START : CHUNK_DATA);
        break;
      case CHUNK_DATA_CR:
        this.#expect(byte, CR, CHUNK_DATA_LF);
        break;
      case CHUNK_DATA_LF:
        this.#expect(byte, LF, CHUNK_SIZE);
        this.#nextChunk();
        break;
      case TRAILER_START:
        if (byte === CR) this.#state = LAST_LF;
        else {
          if (byte === 0x20 || byte === 0x09 || byte === 0x3a) throw malformed('a trailer is no header field');
          this.#state = TRAILER;
          this.#skip(byte, MAX_TRAILER_BYTES);
        }
        break;
      case TRAILER:
        if (byte === CR) this.#state = TRAILER_LF;
        else this.#skip(byte, MAX_TRAILER_BYTES);
        break;
      case TRAILER_LF:
        this.#expect(byte, LF, TRAILER_START);
        break;
      default:
        this.#expect(byte, LF, DONE);
    }
  }

  #takeSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      // Thirteen digits are what a number holds exactly.
      if (++this.#digits > 13) throw malformed('a chunk is larger than any number');
      this.#left = this.#left * 16 + digit;
      return;
    }
    if (this.#digits === 0) throw malformed('a chunk has no size');
    if (byte === CR) this.#state = CHUNK_SIZE_LF;
    else if (byte === 0x3b || byte === 0x20 || byte === 0x09) {
      this.#state = CHUNK_EXTENSION;
      this.#skipped = 0;
    } else throw malformed('the size of a chunk is no number');
  }

  #expect(byte: number, right: number, next: number): void {
    if (byte !== right) throw malformed('its chunks are not where they should be');
    this.#state = next;
  }

  #skip(byte: number, most: number): void {
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f)
      throw malformed('it has a control character between its chunks');
    if (++this.#skipped > most) throw malformed('there is too much between its chunks');
  }
}

const BEGINNING = 'HTTP/1.';

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function tooLarge(): TransportError {
  return new TransportError('EMSGSIZE', `The head of the answer has more than ${MAX_HEAD_BYTES} bytes.`);
}
