// Reads along what a process says to its debugger, and knows whether it is paused. A server sends
// the answer to a handshake, then frames without a mask (RFC 6455 §5.2).

const HEAD_END = '\r\n\r\n';
const LONGEST_HEAD = 16_384;
const UPGRADED = /^HTTP\/1\.1 101 /;
const TEXT_FRAME = 1;
/** The first member of each message that is no answer. */
const PAUSED = '{"method":"Debugger.paused"';
const RESUMED = '{"method":"Debugger.resumed"';
const LONGEST_START = RESUMED.length;

export class PauseReader {
  #paused = false;
  /** Undefined once it has ended. */
  #head: string | undefined = '';
  #isWebSocket = false;
  #frame: number[] = [];
  #isText = false;
  #payloadLeft = 0;
  /** The first bytes of a message. */
  #start = '';

  get paused(): boolean {
    return this.#paused;
  }

  push(chunk: Buffer): void {
    const body = this.#head === undefined ? chunk : this.#readHead(this.#head + chunk.toString('latin1'));
    if (!this.#isWebSocket) return;
    for (let at = 0; at < body.length; )
      at = this.#payloadLeft > 0 ? this.#readPayload(body, at) : this.#readFrame(body, at);
  }

  /** The answer to a question for what there is to debug is none of a WebSocket. */
  #readHead(text: string): Buffer {
    const end = text.indexOf(HEAD_END);
    this.#head = end === -1 && text.length < LONGEST_HEAD ? text : undefined;
    if (end === -1) return Buffer.alloc(0);
    this.#isWebSocket = UPGRADED.test(text);
    return Buffer.from(text.slice(end + HEAD_END.length), 'latin1');
  }

  /** One byte of the head of a frame. */
  #readFrame(body: Buffer, at: number): number {
    this.#frame.push(body[at] ?? 0);
    const [first = 0, second = 0, ...rest] = this.#frame;
    const short = second & 0x7f;
    const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
    if (this.#frame.length < 2 + extended) return at + 1;
    this.#frame = [];
    this.#start = '';
    this.#isText = (first & 0x0f) === TEXT_FRAME;
    this.#payloadLeft = extended === 0 ? short : rest.reduce((length, byte) => length * 256 + byte, 0);
    return at + 1;
  }

  #readPayload(body: Buffer, at: number): number {
    const end = Math.min(body.length, at + this.#payloadLeft);
    if (this.#isText && this.#start.length < LONGEST_START) {
      this.#start += body.toString('latin1', at, Math.min(end, at + LONGEST_START - this.#start.length));
      if (this.#start.startsWith(PAUSED)) this.#paused = true;
      else if (this.#start.startsWith(RESUMED)) this.#paused = false;
    }
    this.#payloadLeft -= end - at;
    return end;
  }
}
