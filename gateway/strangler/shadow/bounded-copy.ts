// A copy of a body as it streams past, given up as soon as it would hold more than it may.
import type { ShadowRoom } from './shadow-room.ts';

/** A class, as there are two for every shadowed request. */
export class BoundedCopy {
  readonly #room: ShadowRoom;
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #missed: 'too-large' | 'busy' | undefined;

  constructor(room: ShadowRoom, maxBytes: number) {
    this.#room = room;
    this.#maxBytes = maxBytes;
  }

  /** Why there is no copy. */
  get missed(): 'too-large' | 'busy' | undefined {
    return this.#missed;
  }

  add(chunk: Buffer): void {
    if (this.#missed) return;
    if (this.#size + chunk.length > this.#maxBytes) this.#drop('too-large');
    else if (!this.#room.take(chunk.length)) this.#drop('busy');
    else {
      this.#size += chunk.length;
      this.#chunks.push(chunk);
    }
  }

  bytes(): Buffer {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks, this.#size);
  }

  release(): void {
    this.#room.giveBack(this.#size);
    this.#size = 0;
    this.#chunks = [];
  }

  #drop(reason: 'too-large' | 'busy'): void {
    this.#missed = reason;
    this.release();
  }
}
