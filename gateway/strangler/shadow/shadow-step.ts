// Decides for each request in the phase shadow whether it is watched, and
// watches it without touching it.
import type { World } from '../../../core/world.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { ResponseFilter } from '../../exchange/response-filter.ts';
import type { RequestHead } from '../../http/request-head.ts';
import type { Skip, Tally, Uncompared } from '../evidence/tally.ts';
import { BoundedCopy } from './bounded-copy.ts';
import { createIdleQueue } from './idle-queue.ts';
import type { ShadowRoom } from './shadow-room.ts';

/** A request that legacy has answered, whole, ready to be asked again elsewhere. */
export interface Watched {
  readonly exchange: Exchange;
  readonly tally: Tally;
  readonly requestBody: Buffer | null;
  readonly status: number;
  /** As the client got them. */
  readonly fields: readonly string[];
  readonly body: Buffer;
}

export interface ShadowWatchOptions {
  readonly world: World;
  readonly room: ShadowRoom;
  /** Share of the requests, 0 to 1. */
  readonly sample: number;
  readonly unsafeMethods: boolean;
  readonly maxBody: number;
  /** Called after the client has its answer; resolves when nothing of it is needed any more. */
  compare(watched: Watched): Promise<void>;
}

/** RFC 9110 §9.2.1, and QUERY: asking twice changes nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY']);

export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

/** To be called before the request is sent to legacy. */
export function createShadowWatch(options: ShadowWatchOptions): (exchange: Exchange, tally: Tally) => void {
  const { world, room, sample, maxBody } = options;
  const later = createIdleQueue(world);
  return (exchange, tally) => {
    if (sample < 1 && world.random() >= sample) return;
    const { head, message } = exchange.request;
    const reason = reasonToSkip(head, options);
    if (reason) return leaveOut(tally, reason, world);
    let sent: BoundedCopy | undefined;
    if (head.hasBody) {
      const copy = new BoundedCopy(room, maxBody);
      message.on('data', chunk => copy.add(chunk));
      // Listening makes the body flow; it must wait for the step that sends it on.
      message.pause();
      sent = copy;
    }
    exchange.response.addFilter(new ShadowObserver(options, later, exchange, tally, sent));
  };
}

type Reason = Skip | Uncompared;

/** Whether it was not to be compared, or could not be, is counted apart. */
function leaveOut(tally: Tally, reason: Reason, world: World): void {
  if (reason === 'unsafe' || reason === 'busy' || reason === 'no-answer') tally.skipped(reason);
  else tally.uncompared(reason, world.monotonic());
}

function reasonToSkip(head: RequestHead, { room, unsafeMethods, maxBody }: ShadowWatchOptions): Reason | undefined {
  if (!unsafeMethods && !SAFE.has(head.method)) return 'unsafe';
  if (room.isFull()) return 'busy';
  return (head.contentLength ?? 0) > maxBody ? 'too-large' : undefined;
}

class ShadowObserver implements ResponseFilter {
  readonly #options: ShadowWatchOptions;
  readonly #later: (work: () => void) => void;
  readonly #exchange: Exchange;
  readonly #tally: Tally;
  readonly #sent: BoundedCopy | undefined;
  readonly #answer: BoundedCopy;
  #status = 0;
  #fields: readonly string[] = [];

  constructor(
    options: ShadowWatchOptions,
    later: (work: () => void) => void,
    exchange: Exchange,
    tally: Tally,
    sent: BoundedCopy | undefined,
  ) {
    this.#options = options;
    this.#later = later;
    this.#exchange = exchange;
    this.#tally = tally;
    this.#sent = sent;
    this.#answer = new BoundedCopy(options.room, options.maxBody);
  }

  onHead(status: number, fields: readonly string[]): void {
    this.#status = status;
    this.#fields = fields;
  }

  onData(chunk: Buffer): void {
    this.#answer.add(chunk);
  }

  onFailure(): void {
    this.#skip('no-answer');
  }

  onEnd(): void {
    const { room } = this.#options;
    const missed =
      this.#sent?.missed ?? this.#answer.missed ?? this.#reasonToSkip() ?? (room.enter() ? undefined : 'busy');
    if (missed) {
      this.#skip(missed);
      return;
    }
    this.#later(() => this.#compare());
  }

  #compare(): void {
    const { room, compare } = this.#options;
    void compare({
      exchange: this.#exchange,
      tally: this.#tally,
      requestBody: this.#sent?.bytes() ?? null,
      status: this.#status,
      fields: this.#fields,
      body: this.#answer.bytes(),
    }).finally(() => {
      room.leave();
      this.#release();
    });
  }

  /**
   * A part, or the news that nothing changed, depends on what the client already has: no answer
   * of anybody else is like it.
   */
  #reasonToSkip(): Reason | undefined {
    if (this.#status === 206 || this.#status === 304 || this.#status === 416) return 'partial';
    if (this.#exchange.request.head.hasBody && !this.#exchange.request.message.complete) return 'no-answer';
    return undefined;
  }

  #skip(reason: Reason): void {
    leaveOut(this.#tally, reason, this.#options.world);
    this.#release();
  }

  #release(): void {
    this.#sent?.release();
    this.#answer.release();
  }
}
