// The stream of one follower of a View. It remembers which answer the follower has and nothing of
// what is to be sent, so a slow follower skips answers and takes no more memory than others.
import { TenfoldError } from '../../../core/errors.ts';
import { pauseUpTo } from '../../../core/retry/backoff.ts';
import type { World } from '../../../core/world.ts';
import type { Call } from '../../exchange/target.ts';
import type { UpstreamControl } from '../../transport/transport.ts';
import { ALIVE, endedEvent, retryEvent } from './live-events.ts';
import type { AnswerReader, LiveQuestion } from './live-question.ts';

/** Counts of one View, since the process started. */
export interface FollowerCounts {
  followers: number;
  events: number;
  /** Followers that got the rows anew, as the changes between were not kept. */
  anew: number;
  /** Followers that were cut, as they took nothing for too long. */
  cut: number;
  refused: number;
  /** Followers that were ended, as their rows could not be read, or were too many to keep. */
  lost: number;
}

export interface FollowerOptions {
  readonly world: World;
  readonly call: Call;
  readonly of: LiveQuestion;
  readonly counts: FollowerCounts;
  /** The answer that it has, by its digest; undefined when it has none. */
  readonly lastId: string | undefined;
  /** When it is to ask for its rights anew, by the monotonic clock. */
  readonly until: number;
  left(follower: Follower): void;
}

const ALIVE_MS = 15_000;
/** A follower that takes nothing for so long is cut. */
const STUCK_MS = 60_000;
/** A browser connects again after at most so long. */
const RETRY_MS = 2_000;
const HEAD = [
  'content-type',
  'text/event-stream',
  'cache-control',
  'no-store, no-transform',
  'x-accel-buffering',
  'no',
];

export class Follower implements AnswerReader {
  readonly #options: FollowerOptions;
  readonly #control: UpstreamControl;
  #digest: string | undefined;
  #until: number;
  #wroteAt: number;
  /** Since when the connection takes no more. */
  #stuckSince: number | undefined;
  #isOver = false;

  constructor(options: FollowerOptions) {
    const { world, lastId, until } = options;
    this.#options = options;
    this.#digest = lastId;
    this.#until = until;
    this.#wroteAt = world.monotonic();
    this.#control = {
      rawHeaders: HEAD,
      own: true,
      pause: () => {
        this.#stuckSince ??= world.monotonic();
      },
      resume: () => {
        this.#stuckSince = undefined;
        this.news();
      },
      abort() {},
    };
  }

  /** Its question has an answer by now. */
  start(): void {
    const { world, call, of, counts, left } = this.#options;
    if (call.ended) return;
    counts.followers++;
    of.readers.add(this);
    call.hold(() => {
      this.#isOver = true;
      counts.followers--;
      of.readers.delete(this);
      left(this);
    });
    call.onRequestStart(this.#control);
    if (call.ended) return;
    call.onResponseStart(this.#control, 200);
    this.#write(retryEvent(pauseUpTo(RETRY_MS, world.random())));
    const resumed = of.answer?.digest === this.#digest ? of.resumed() : undefined;
    if (resumed) this.#write(resumed);
    else this.news();
  }

  news(): void {
    const { of, counts } = this.#options;
    if (this.#isOver || this.#stuckSince !== undefined) return;
    const next = of.eventFor(this.#digest);
    if (next === undefined) return;
    this.#digest = of.answer?.digest;
    counts.events++;
    if (next.isAnew) counts.anew++;
    this.#write(next.event);
  }

  /** Ends it no later than then, by the monotonic clock. */
  endBy(time: number): void {
    this.#until = Math.min(this.#until, time);
  }

  /** Called about once a second. */
  look(now: number): void {
    const { call, counts } = this.#options;
    if (this.#stuckSince !== undefined) {
      if (now - this.#stuckSince < STUCK_MS) return;
      counts.cut++;
      const message = `The follower took nothing for ${STUCK_MS / 1000} s.`;
      call.fail(new TenfoldError('request-timeout', message, { reason: 'client.slow' }));
    } else if (now >= this.#until) this.end('The time of the connection is over. Connect again and go on.');
    else if (now - this.#wroteAt >= ALIVE_MS) this.#write(ALIVE);
  }

  end(reason: string, isLost = false): void {
    const { call, counts } = this.#options;
    if (this.#isOver || call.ended) return;
    if (isLost) counts.lost++;
    this.#write(endedEvent(reason));
    if (!call.ended) call.onResponseEnd(this.#control);
  }

  #write(event: Buffer): void {
    const { call, world } = this.#options;
    if (call.ended) return;
    this.#wroteAt = world.monotonic();
    call.onResponseData(this.#control, event);
  }
}
