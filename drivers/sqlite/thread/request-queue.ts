// Groups requests for a thread without any timer: whatever was asked for while frames were under
// way leaves together in the next one.
import { type Code, TenfoldError } from '../../../core/errors.ts';
import type { Timer, World } from '../../../core/world.ts';
import { ByteReader, ByteWriter } from '../bytes.ts';
import type { DatabaseRequest } from '../database.ts';
import { OK } from './messages.ts';
import { readFailure } from './serve-frame.ts';

export interface QueueOptions {
  readonly world: World;
  /** Frames that may be under way at the same time. */
  readonly window: number;
  /** No more requests join a frame that has this size, bytes. */
  readonly maxFrameBytes: number;
  /**
   * Longest time for an answer: then everything fails, and goes on failing at once until it comes.
   */
  readonly timeoutMs: number;
  post(memory: ArrayBuffer, length: number): void;
  /** A frame was answered: undefined when it was done, else why nothing of it has happened. */
  answered(problem: string | undefined): void;
  /** A single request of a frame failed because of the disk, or of what is on it. */
  troubled(reason: string): void;
  /** Too late an answer has come after all; what was reported as unknown is decided now. */
  recovered(): void;
}

export interface Ticket {
  readonly module: number;
  readonly unavailable: Code;
  readonly request: DatabaseRequest;
}

interface Frame {
  readonly tickets: readonly Ticket[];
  readonly timer: Timer;
}

export class RequestQueue {
  readonly #options: QueueOptions;
  #waiting: Ticket[] = [];
  readonly #underWay: Frame[] = [];
  #isScheduled = false;
  /** Why requests fail at once. */
  #broken: string | undefined;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get broken(): string | undefined {
    return this.#broken;
  }

  add(ticket: Ticket): void {
    if (this.#broken !== undefined) {
      ticket.request.failed(new TenfoldError(ticket.unavailable, this.#broken, { retryAfterSeconds: 1 }));
      return;
    }
    this.#waiting.push(ticket);
    this.#schedule();
  }

  /** An answer of the thread, in the order of the frames. */
  reply(memory: ArrayBuffer, length: number): void {
    const frame = this.#underWay.shift();
    if (!frame) return;
    frame.timer.cancel();
    // Before the callers, who ask for the next thing as soon as they are told.
    this.#schedule();
    const reply = new ByteReader(memory, 0, length);
    if (reply.u8() === OK) {
      this.#options.answered(undefined);
      for (const ticket of frame.tickets) settle(ticket, reply, this.#options.troubled);
    } else {
      const { message } = readFailure(reply, 'internal');
      this.#options.answered(message);
      this.#failAll(frame.tickets, message);
    }
    if (this.#broken !== undefined && this.#underWay.length === 0) {
      this.#broken = undefined;
      this.#options.recovered();
    }
    this.#whenIdle();
  }

  /**
   * The thread is gone: nothing is known of what was under way, nothing else is tried until `mend`.
   */
  break(reason: string): void {
    this.#broken = reason;
    for (const { timer } of this.#underWay) timer.cancel();
    const frames = this.#underWay.splice(0);
    this.#failAll(
      frames.flatMap(({ tickets }) => tickets),
      reason,
    );
    this.#failWaiting(reason);
    this.#whenIdle();
  }

  mend(): void {
    this.#broken = undefined;
    this.#schedule();
  }

  /** Resolves once nobody waits for an answer. */
  idle(): Promise<void> {
    return new Promise(resolve => {
      this.#idle.push(resolve);
      this.#whenIdle();
    });
  }

  #whenIdle(): void {
    if (this.#waiting.length > 0 || this.#underWay.some(({ tickets }) => tickets.length > 0)) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0 || this.#underWay.length >= this.#options.window) return;
    this.#isScheduled = true;
    // All requests of one turn of the loop leave together.
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#waiting.length === 0 || this.#underWay.length >= this.#options.window) return;
    const out = new ByteWriter();
    const countAt = out.reserveU32();
    const tickets: Ticket[] = [];
    let taken = 0;
    for (const ticket of this.#waiting) {
      if (out.length >= this.#options.maxFrameBytes) break;
      taken++;
      if (pack(ticket, out)) tickets.push(ticket);
    }
    this.#waiting = this.#waiting.slice(taken);
    out.setU32(countAt, tickets.length);
    const frame: Frame = {
      tickets,
      timer: this.#options.world.after(this.#options.timeoutMs, () => this.#late(frame)),
    };
    this.#underWay.push(frame);
    this.#options.post(out.memory, out.length);
    this.#schedule();
  }

  #late(frame: Frame): void {
    const reason = `The disk has not answered for ${this.#options.timeoutMs} ms; whether it was written is not known. Writing goes on by itself when it answers.`;
    this.#broken = reason;
    this.#options.troubled(reason);
    const index = this.#underWay.indexOf(frame);
    for (const [at, late] of this.#underWay.entries()) {
      late.timer.cancel();
      // Stays in line for its answer, with nobody left to tell.
      if (at >= index) this.#underWay[at] = { tickets: [], timer: late.timer };
      this.#failAll(late.tickets, reason);
    }
    this.#failWaiting(reason);
    this.#whenIdle();
  }

  #failWaiting(reason: string): void {
    this.#failAll(this.#waiting.splice(0), reason);
  }

  #failAll(tickets: readonly Ticket[], reason: string): void {
    for (const { request, unavailable } of tickets) {
      request.failed(new TenfoldError(unavailable, reason, { retryAfterSeconds: 1 }));
    }
  }
}

function pack({ module, request }: Ticket, out: ByteWriter): boolean {
  const start = out.length;
  try {
    out.u8(module);
    const sizeAt = out.reserveU32();
    request.pack(out);
    out.setU32(sizeAt, out.length - sizeAt - 4);
    return true;
  } catch (error) {
    out.truncate(start);
    request.failed(error);
    return false;
  }
}

function settle({ request, unavailable }: Ticket, reply: ByteReader, troubled: (reason: string) => void): void {
  if (reply.u8() === OK) {
    request.done(new ByteReader(reply.sized()));
    return;
  }
  const failure = readFailure(reply, unavailable);
  if (failure.code === unavailable || failure.code === 'data-corrupt') troubled(failure.message);
  request.failed(failure);
}
