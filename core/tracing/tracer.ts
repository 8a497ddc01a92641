// Records spans and decides late which of them are exported: those of sampled traces, and of traces
// in which something failed, was slow or was parked.

import { randomHex } from '../random-hex.ts';
import { isSampled, type TraceContext } from '../trace-context.ts';
import type { World } from '../world.ts';
import { isInRatio, leastDigitsOf, type Sampling } from './sampling.ts';
import { type KeepReason, Span, type SpanKind, type TracePart } from './span.ts';
import { WaitingParts, type WaitingSpans } from './waiting-parts.ts';

export interface TracerOptions {
  readonly world: Pick<World, 'now' | 'monotonic'>;
  readonly sampling: Sampling;
  /** See the same of `TracePart`. */
  readonly messagingSystem: string;
  /** A span that takes longer makes its trace worth keeping, milliseconds. */
  readonly slowMs: number;
  /** How long spans of traces that were not sampled wait for other processes, milliseconds. */
  readonly waitMs: number;
  /** Most spans that wait. */
  readonly maxWaiting: number;
  /** They wait here; undefined: as objects. */
  readonly waiting?: WaitingSpans;
  /** Must be quick, and must not throw. */
  exported(spans: readonly Span[]): void;
  /** The trace is kept: other processes are to export what they have of it. */
  kept?(trace: string, reason: KeepReason): void;
}

export interface TracerCounts {
  /** Spans that were forgotten before their time, as there were too many. */
  readonly forgotten: number;
  /** Traces that were exported although nobody sampled them. */
  readonly kept: number;
}

/** A span of a root has its milliseconds from two clocks, which a correction of one sets apart. */
const MAX_DRIFT_MS = 2;
const CORRECT_EVERY_MS = 1000;
/** Traces whose later parts are exported, too. */
const MAX_KEPT = 50_000;
/** Others may not have heard that a trace is kept: they are told again where it goes on failing. */
const TELL_AGAIN_MS = 1000;

/** Moments on the monotonic clock. */
interface KeptTrace {
  readonly until: number;
  readonly tellAgainAt: number;
}

export class Tracer {
  readonly #options: TracerOptions;
  readonly #waiting: WaitingSpans;
  /** By trace; the oldest first. */
  readonly #kept = new Map<string, KeptTrace>();
  #keptCount = 0;
  readonly #least: string;
  /** Milliseconds since 1970 at which the monotonic clock began. */
  #origin: number;
  #correctAt = 0;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#least = leastDigitsOf(options.sampling.ratio);
    const { maxWaiting, waitMs } = options;
    this.#waiting = options.waiting ?? new WaitingParts(maxWaiting, waitMs, spans => options.exported(spans));
    this.#origin = options.world.now() - options.world.monotonic();
  }

  get messagingSystem(): string {
    return this.#options.messagingSystem;
  }

  get counts(): TracerCounts {
    return { forgotten: this.#waiting.forgotten, kept: this.#keptCount };
  }

  /**
   * The first span of a request or an event in this process. `parent`: of the caller. `at`: when it
   * began, by the monotonic clock, where somebody has read that already.
   */
  begin(
    parent: TraceContext | undefined,
    kind: SpanKind,
    name: string,
    at: number = this.#options.world.monotonic(),
  ): Span {
    const trace = parent?.traceId ?? randomHex(16);
    this.#correct(at);
    const part = new Part(this, trace, parent?.tracestate, this.#isSampled(trace, parent), this.isKept(trace));
    part.open++;
    return new Span(part, trace, parent?.spanId, kind, name, randomHex(8), this.#origin + at);
  }

  /** Exports what there is of the trace, and what comes of it in the next minute or so. */
  keep(trace: string, reason: KeepReason): void {
    const { world, waitMs, kept } = this.#options;
    const now = world.monotonic();
    const known = this.isKept(trace) ? this.#kept.get(trace) : undefined;
    if (known !== undefined && (reason === 'asked' || now < known.tellAgainAt)) return;
    this.#kept.delete(trace);
    // Its parts that begin now may take as long as those that wait.
    this.#kept.set(trace, { until: now + waitMs + waitMs, tellAgainAt: now + TELL_AGAIN_MS });
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
    if (known === undefined) this.#keptCount++;
    this.#waiting.take(trace, now);
    // It was another process that told this one.
    if (reason !== 'asked') kept?.(trace, reason);
  }

  isKept(trace: string): boolean {
    if (this.#kept.size === 0) return false;
    const known = this.#kept.get(trace);
    if (known === undefined) return false;
    if (known.until >= this.#options.world.monotonic()) return true;
    this.#kept.delete(trace);
    return false;
  }

  now(): number {
    return this.#origin + this.#options.world.monotonic();
  }

  isSlow({ start, end }: Span): boolean {
    return end - start >= this.#options.slowMs;
  }

  ended(trace: string, spans: readonly Span[], sampled: boolean, waits: boolean): void {
    if (sampled || this.isKept(trace)) this.#options.exported(spans);
    else if (waits) this.#wait(trace, spans);
  }

  #wait(trace: string, spans: readonly Span[]): void {
    // They wait without the objects of the request, which are larger.
    const described = spans.filter(span => isDescribed(span));
    this.#waiting.forgotten += spans.length - described.length;
    this.#waiting.add(trace, described, this.#options.world.monotonic());
  }

  #isSampled(traceId: string, parent: TraceContext | undefined): boolean {
    const { parentBased } = this.#options.sampling;
    if (parentBased && parent !== undefined) return isSampled(parent);
    return isInRatio(traceId, this.#least);
  }

  /** `monotonic`: the moment by that clock. To read both clocks each time takes 0.1 µs. */
  #correct(monotonic: number): void {
    if (monotonic < this.#correctAt) return;
    this.#correctAt = monotonic + CORRECT_EVERY_MS;
    const origin = this.#options.world.now() - monotonic;
    if (Math.abs(origin - this.#origin) > MAX_DRIFT_MS) this.#origin = origin;
  }
}

/** Work goes on where its span cannot tell what it was. */
function isDescribed(span: Span): boolean {
  try {
    span.describe();
    return true;
  } catch {
    return false;
  }
}

/** A class, as there is one for every request and every attempt at an event. */
class Part implements TracePart {
  readonly #tracer: Tracer;
  readonly #trace: string;
  readonly tracestate: string | undefined;
  /** Sampled by its id or by its caller: everybody exports it, and nobody has to be told. */
  #decided: boolean;
  #sampled: boolean;
  #waits = false;
  /** Those that ended. A request mostly has two, for which a growing array would take much room. */
  #spans: Span[] | undefined;
  #first: Span | undefined;
  open = 0;

  constructor(tracer: Tracer, trace: string, tracestate: string | undefined, decided: boolean, kept: boolean) {
    this.#tracer = tracer;
    this.#trace = trace;
    this.tracestate = tracestate;
    this.#decided = decided;
    this.#sampled = decided || kept;
  }

  get flags(): string {
    return this.#sampled ? '01' : '00';
  }

  get messagingSystem(): string {
    return this.#tracer.messagingSystem;
  }

  sample(): void {
    this.#decided = true;
    this.#sampled = true;
  }

  start(parentSpanId: string, kind: SpanKind, name: string, spanId?: string): Span {
    this.open++;
    return new Span(this, this.#trace, parentSpanId, kind, name, spanId);
  }

  keep(reason: KeepReason): void {
    if (this.#decided) return;
    this.#sampled = true;
    this.#tracer.keep(this.#trace, reason);
  }

  waitForOthers(): void {
    this.#waits = true;
  }

  now(): number {
    return this.#tracer.now();
  }

  ended(span: Span): void {
    if (this.#first === undefined) this.#first = span;
    else if (this.#spans === undefined) this.#spans = [this.#first, span];
    else this.#spans.push(span);
    if (span.matters) this.keep('failed');
    else if (!this.#sampled && this.#tracer.isSlow(span)) this.keep('slow');
    if (--this.open > 0) return;
    const spans = this.#spans ?? [this.#first ?? span];
    this.#spans = undefined;
    this.#first = undefined;
    this.#tracer.ended(this.#trace, spans, this.#sampled, this.#waits);
  }
}
