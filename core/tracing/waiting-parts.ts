// Spans of traces that nobody sampled, for a while: another process may still find out that their
// trace matters.
import type { Span } from './span.ts';

export interface WaitingSpans {
  /** How many spans were forgotten before their time. */
  forgotten: number;
  /** `now` is on the monotonic clock. The spans are described. */
  add(trace: string, spans: readonly Span[], now: number): void;
  /** Exports what waits of the trace. */
  take(trace: string, now: number): void;
}

interface Waiting {
  readonly trace: string;
  readonly spans: readonly Span[];
  readonly until: number;
  taken: boolean;
}

export class WaitingParts implements WaitingSpans {
  readonly #maxSpans: number;
  readonly #waitMs: number;
  readonly #byTrace = new Map<string, Waiting[]>();
  /** In the order of their ends; those before `#first` are gone. */
  #queue: Waiting[] = [];
  #first = 0;
  #size = 0;
  readonly #exported: (spans: readonly Span[]) => void;
  forgotten = 0;

  constructor(maxSpans: number, waitMs: number, exported: (spans: readonly Span[]) => void) {
    this.#exported = exported;
    this.#maxSpans = maxSpans;
    this.#waitMs = waitMs;
  }

  add(trace: string, spans: readonly Span[], now: number): void {
    const waiting: Waiting = { trace, spans, until: now + this.#waitMs, taken: false };
    const others = this.#byTrace.get(trace);
    if (others) others.push(waiting);
    else this.#byTrace.set(trace, [waiting]);
    this.#queue.push(waiting);
    this.#size += spans.length;
    this.#forget(now);
  }

  take(trace: string): void {
    const found = this.#byTrace.get(trace);
    if (found === undefined) return;
    this.#byTrace.delete(trace);
    const spans = found.flatMap(waiting => {
      this.#size -= waiting.spans.length;
      waiting.taken = true;
      return waiting.spans;
    });
    if (spans.length > 0) this.#exported(spans);
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#queue[this.#first];
      if (oldest === undefined) break;
      const isOver = oldest.until <= now;
      if (!oldest.taken && !isOver && this.#size <= this.#maxSpans) break;
      this.#first++;
      if (oldest.taken) continue;
      if (!isOver) this.forgotten += oldest.spans.length;
      this.#remove(oldest);
    }
    if (this.#first > 1024 && this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
  }

  #remove(oldest: Waiting): void {
    this.#size -= oldest.spans.length;
    const rest = (this.#byTrace.get(oldest.trace) ?? []).filter(other => other !== oldest);
    if (rest.length > 0) this.#byTrace.set(oldest.trace, rest);
    else this.#byTrace.delete(oldest.trace);
  }
}
