// Runs the parts of one request: each as soon as what it waits for is there, none after the
// deadline, and all cancelled together.

import { evaluateIfSet } from '../../core/cel/optional.ts';
import { TenfoldError } from '../../core/errors.ts';
import { retryAfterSeconds } from '../../core/retry/retry-after.ts';
import { startSpan, type TraceContext } from '../../core/trace-context.ts';
import type { Span } from '../../core/tracing/span.ts';
import { toExactText } from '../../core/units/whole-numbers.ts';
import type { Timer, World } from '../../core/world.ts';
import type { RequestVariables } from '../exchange/variables.ts';
import type { Reason } from '../plan/requests-report.ts';
import { type Answer, fieldOfAnswer } from '../upstream/buffered-call.ts';
import type { Part } from './part.ts';
import type { PartCall, PartReply } from './part-caller.ts';
import { OK, type PartResult, reasonOfError, reasonOfStatus } from './part-result.ts';
import { NO_HEADERS, type PartValue } from './part-value.ts';

export interface PartsRunInit {
  readonly world: World;
  readonly parts: readonly Part[];
  /** The variables of the request that the expressions see. */
  readonly request: RequestVariables;
  /** Whether anything reads more of it than parameters, claims and consumer. */
  readonly readsRequest: boolean;
  /** Fields of the request, name and value in turn. */
  readonly fields: readonly string[];
  readonly trace: TraceContext;
  /** See `Call.party`. */
  readonly party?: string | undefined;
  /** See `Call.asksAlone`. */
  readonly asksAlone?: boolean | undefined;
  /** On the monotonic clock. */
  readonly deadline: number;
  /**
   * Called once, unless the run is cancelled: when every part has a result, or as soon as a
   * required one cannot have an answer.
   */
  done(run: PartsRun): void;
}

/** A class, as it is one object per request with a lifecycle. */
export class PartsRun {
  /** The request, and each part by its name once it has a result. */
  readonly variables: Record<string, unknown>;
  /** In the order of the parts; undefined for those without a result yet. */
  readonly results: (PartResult | undefined)[];
  /** When each part was called and got its result, by the monotonic clock; NaN before. */
  readonly begunAt: number[];
  readonly settledAt: number[];
  /** A bit for each part that was called a second time as the first call was slow. */
  hedged = 0;
  readonly #init: PartsRunInit;
  readonly #waitsFor: number[];
  readonly #cancels: ((() => void) | undefined)[];
  readonly #timers: (Timer | undefined)[];
  /** The spans of parts that have been called; none where no spans are recorded. */
  readonly #spans: (Span | undefined)[] = [];
  readonly #timer: Timer;
  #open: number;
  /** When the deadline was over; undefined before. */
  #lateAt: number | undefined;
  #ended = false;

  constructor(init: PartsRunInit) {
    const { world, parts, request, readsRequest, deadline } = init;
    this.#init = init;
    const { params, claims, consumer } = request;
    this.variables = { request: readsRequest ? request.request : undefined, params, claims, consumer };
    this.results = new Array(parts.length).fill(undefined);
    this.begunAt = new Array(parts.length).fill(Number.NaN);
    this.settledAt = new Array(parts.length).fill(Number.NaN);
    this.#cancels = new Array(parts.length).fill(undefined);
    this.#timers = new Array(parts.length).fill(undefined);
    this.#waitsFor = parts.map(part => part.waitsFor);
    this.#open = parts.length;
    this.#timer = world.after(Math.max(0, Math.round(deadline - world.monotonic())), () => this.#expire());
  }

  start(): void {
    for (const [index, part] of this.#init.parts.entries()) if (part.waitsFor === 0) this.#begin(index, part);
  }

  /** Gives up every call in flight. */
  cancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.cancel();
    for (let index = 0; index < this.#cancels.length; index++) {
      this.#forget(index);
      this.#spans[index]?.finish();
    }
  }

  /** Whether the part has a body that expressions may read: its own, a stale one or a fallback. */
  has(index: number): boolean {
    const outcome = this.results[index]?.outcome;
    return outcome === 'ok' || outcome === 'stale' || outcome === 'fallback';
  }

  #begin(index: number, part: Part): void {
    const now = this.#init.world.monotonic();
    const left = this.#init.deadline - now;
    const obstacle = this.#lateAt !== undefined || left <= 0 ? 'timeout' : this.#obstacleTo(part);
    if (obstacle !== undefined) this.#fail(index, obstacle);
    else this.#call(index, part, left, now);
  }

  /** Why the part cannot be called, or is not wanted. */
  #obstacleTo(part: Part): Reason | undefined {
    try {
      if (part.when && evaluateIfSet(part.when, this.variables) !== true) return 'condition';
    } catch (error) {
      if (reasonOfError(error) === 'invalid-input') return 'invalid-input';
      // A value that it reads is missing or of another type, so the part has no input.
      return [...part.conditions, ...part.inputs].every(input => this.has(input)) ? 'expression' : 'input';
    }
    const missing = part.inputs.filter(input => !this.has(input));
    if (missing.length === 0) return undefined;
    // A part that was left out on purpose takes along the parts that need it; that is no failure.
    return missing.some(input => this.results[input]?.reason === 'condition') ? 'condition' : 'input';
  }

  #call(index: number, part: Part, left: number, now: number): void {
    const { world } = this.#init;
    let call: PartCall;
    try {
      const span = startSpan(this.#init.trace, 'internal', `part ${part.name}`);
      this.#spans[index] = span;
      call = this.#toCall(part, span, Math.max(1, Math.round(Math.min(left, part.timeoutMs ?? left))));
    } catch (error) {
      this.#fail(index, reasonOfError(error));
      return;
    }
    this.begunAt[index] = now;
    if (part.timeoutMs !== undefined && part.timeoutMs < left) {
      this.#timers[index] = world.after(part.timeoutMs, () => this.#fail(index, 'timeout'));
    }
    const cancel = part.caller(call, {
      answered: reply => this.#answered(index, reply),
      failed: error => this.#fail(index, reasonOfError(error), retryAfterOf(error)),
      hedged: () => this.#hedged(index),
    });
    if (this.results[index] === undefined && !this.#ended) this.#cancels[index] = cancel;
  }

  #toCall(part: Part, span: Span | undefined, timeoutMs: number): PartCall {
    const { variables } = this;
    const headers = part.forward(this.#init.fields);
    for (const { name, value } of part.headers) {
      const found = evaluateIfSet(value, variables);
      if (found !== undefined) headers.push(name, toFieldValue(found));
    }
    let body: string | null = null;
    if (part.body) {
      body = toExactText(part.body.evaluate(variables) ?? null);
      if (!part.headers.some(({ name }) => name === 'content-type')) headers.push('content-type', 'application/json');
      headers.push('content-length', String(Buffer.byteLength(body)));
    }
    return {
      method: part.method,
      path: part.path.evaluate(variables),
      headers,
      body,
      trace: span ?? this.#init.trace,
      timeoutMs,
      asker: this.#init.request,
      party: this.#init.party,
      asksAlone: this.#init.asksAlone,
    };
  }

  #answered(index: number, { value, answer, ageMs, stale }: PartReply): void {
    const reason = reasonOfStatus(value.status);
    if (reason !== undefined) this.#fail(index, reason, retryAfterIn(answer, this.#init.world.now()), value.status);
    else if (ageMs === undefined) this.#settle(index, value, OK);
    else this.#settle(index, value, { ...OK, outcome: stale ? 'stale' : 'ok', ageMs });
  }

  #hedged(index: number): void {
    if (this.results[index] === undefined) this.hedged |= 1 << index;
  }

  #fail(index: number, reason: Reason, retryAfterSeconds?: number, status = 0): void {
    const fallback = reason === 'condition' ? undefined : this.#init.parts[index]?.fallback;
    const outcome = fallback !== undefined ? 'fallback' : isSkipped(reason) ? 'skipped' : 'failed';
    const value = { status, headers: NO_HEADERS, body: fallback ?? null };
    this.#settle(index, value, { ...OK, outcome, reason, status: status || undefined, retryAfterSeconds });
  }

  #settle(index: number, value: PartValue, result: PartResult): void {
    const part = this.#init.parts[index];
    if (this.#ended || part === undefined || this.results[index] !== undefined) return;
    this.#forget(index);
    endPartSpan(this.#spans[index], result);
    this.results[index] = result;
    this.settledAt[index] = this.#lateAt ?? this.#init.world.monotonic();
    this.variables[part.name] = value;
    this.#open--;
    if (this.#open === 0 || (part.required && isLost(result))) {
      this.cancel();
      this.#init.done(this);
      return;
    }
    for (const dependent of part.dependents) {
      const waits = (this.#waitsFor[dependent] ?? 1) - 1;
      this.#waitsFor[dependent] = waits;
      const next = this.#init.parts[dependent];
      if (waits === 0 && next && !this.#ended) this.#begin(dependent, next);
    }
  }

  #expire(): void {
    this.#lateAt = this.#init.world.monotonic();
    for (let index = 0; index < this.results.length; index++) {
      if (this.#waitsFor[index] === 0) this.#fail(index, 'timeout');
    }
  }

  /** Ends the calls in flight for the part. */
  #forget(index: number): void {
    this.#timers[index]?.cancel();
    this.#timers[index] = undefined;
    const cancel = this.#cancels[index];
    this.#cancels[index] = undefined;
    cancel?.();
  }
}

/** A part that failed is no reason to keep the trace when something stands in for it. */
function endPartSpan(span: Span | undefined, result: PartResult): void {
  if (span === undefined) return;
  span.set('tenfold.part.outcome', result.outcome);
  if (result.reason !== undefined) span.fail(result.reason, undefined, isLost(result));
  span.finish();
}

/** Whether the part has neither an answer nor a stand-in, and not because it was not wanted. */
export function isLost(result: PartResult): boolean {
  return result.outcome === 'failed' || (result.outcome === 'skipped' && result.reason !== 'condition');
}

function isSkipped(reason: Reason): boolean {
  return reason === 'condition' || reason === 'input';
}

function retryAfterOf(error: unknown): number | undefined {
  return error instanceof TenfoldError ? error.retryAfterSeconds : undefined;
}

function retryAfterIn(answer: Answer, now: number): number | undefined {
  return retryAfterSeconds(fieldOfAnswer(answer, 'retry-after'), now);
}

function toFieldValue(value: unknown): string {
  const text = String(value);
  // RFC 9110 §5.5: a line end would let an attacker begin a field.
  if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) {
    throw new TenfoldError(
      'invalid-input',
      'A value cannot become a header of a call: it has characters that no header may hold.',
    );
  }
  return text;
}
