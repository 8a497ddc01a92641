// A span: one piece of work of a trace, from its start to its end. It is a plain object, and the
// context of what it calls.
import { randomHex } from '../random-hex.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export type AttributeValue = string | number | boolean;

/** A function as a service of its own. */
export interface FunctionService {
  readonly namespace: string;
  readonly name: string;
}

/** Another span that has to do with it: the event that a batch contains. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly tracestate?: string | undefined;
}

/**
 * Why a trace is exported although nobody sampled it. The first three are decided late: when a
 * span ends.
 */
export type KeepReason = 'failed' | 'slow' | 'parked' | 'asked';

/** Tells a span its attributes once somebody wants them: most spans are dropped without. */
export interface SpanFacts {
  describe(span: Span): void;
}

/** The spans of one trace that began in this process from one request or event. */
export interface TracePart {
  /** Two hex digits for `traceparent`. */
  readonly flags: string;
  /** All its spans have that of the request or the event. */
  readonly tracestate: string | undefined;
  /** As of `messaging.system`: `kafka`, or `tenfold` for the embedded log. */
  readonly messagingSystem: string;
  /** `spanId`: where others know it already. */
  start(parentSpanId: string, kind: SpanKind, name: string, spanId?: string): Span;
  /** Exports it, as somebody sampled what it belongs to. */
  sample(): void;
  /** Exports the whole trace, whatever was sampled. */
  keep(reason: KeepReason): void;
  /** Keeps it for a while when it has ended, as other processes may find out that it matters. */
  waitForOthers(): void;
  now(): number;
  ended(span: Span): void;
}

/** A class, as there are some for every request. */
export class Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly part: TracePart;
  readonly kind: SpanKind;
  name: string;
  readonly start: number;
  /** 0 until it ends. */
  end = 0;
  /** Names and values of its attributes in turn. An object with so many names is slow to make. */
  facts: AttributeValue[] = NO_FACTS;
  failed = false;
  /** As of the attribute `error.type`. */
  errorType: string | undefined;
  /** Whether its failure makes the whole trace worth keeping. */
  matters = false;
  message: string | undefined;
  links: readonly SpanLink[] = NO_LINKS;
  /** How many links it has no room for. */
  droppedLinks = 0;
  /** The function whose work it is; undefined: it is work of this process. */
  service: FunctionService | undefined;
  #later: SpanFacts | undefined;

  constructor(
    part: TracePart,
    trace: string,
    parentSpanId: string | undefined,
    kind: SpanKind,
    name: string,
    spanId: string = randomHex(8),
    start: number = part.now(),
  ) {
    this.spanId = spanId;
    this.part = part;
    this.traceId = trace;
    this.parentSpanId = parentSpanId;
    this.kind = kind;
    this.name = name;
    this.start = start;
  }

  get flags(): string {
    return this.part.flags;
  }

  /** Each name at most once. */
  set(name: string, value: AttributeValue | undefined): this {
    if (value === undefined) return this;
    // Most spans end without any.
    if (this.facts === NO_FACTS) this.facts = [name, value];
    else this.facts.push(name, value);
    return this;
  }

  /**
   * `type`: of a small set, such as a code of an error or a status. `matters` is false of what
   * callers can cause as often as they like, such as a 404.
   */
  fail(type: string, message?: string, matters = true): this {
    this.failed = true;
    this.matters = matters;
    this.errorType = type;
    this.message = message;
    return this;
  }

  /**
   * Only the first call counts. `later` is asked for the other attributes, if at all. `tookMs`:
   * where somebody has read the clock already.
   */
  finish(later?: SpanFacts, tookMs?: number): void {
    if (this.end !== 0) return;
    this.end = tookMs === undefined ? this.part.now() : this.start + tookMs;
    this.#later = later;
    this.part.ended(this);
  }

  /** It is wanted, now or in a while: it asks for its other attributes. */
  describe(): void {
    const later = this.#later;
    this.#later = undefined;
    later?.describe(this);
  }
}

const NO_LINKS: readonly SpanLink[] = [];
/** No code adds to it. */
const NO_FACTS: AttributeValue[] = [];
