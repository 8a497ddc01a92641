// One request on its way through: the request, its deadline, and the answer as it streams back
// through whatever the route's steps ask for.
import type { Readable } from 'node:stream';
import type { AnswerReason } from '../../core/answer-reasons.ts';
import type { CallerKind } from '../../core/caller-kind.ts';
import { isTimeout, TenfoldError } from '../../core/errors.ts';
import { isFatalForConnection } from '../../core/problem.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import { isStream } from '../http/is-stream.ts';
import { toProblemAnswer } from '../http/problem-answer.ts';
import { toResponseFields } from '../http/response-fields.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import { toUpstreamError } from '../transport/upstream-error.ts';
import type { CacheMet, ExchangeFacts } from './exchange-facts.ts';
import type { ExchangeInit } from './exchange-init.ts';
import { partyOf } from './party.ts';
import { reasonOf } from './reason-of.ts';
import { RequestState } from './request-state.ts';
import { type ResponseSide, ResponseWriter } from './response-writer.ts';
import type { BreakerMet, Call, Place } from './target.ts';
import { TimeLimits } from './time-limits.ts';
import type { RequestVariables } from './variables.ts';

/**
 * A class, as it is one object with a lifecycle per request: call and receiver of
 * the answer at the same time.
 */
export class Exchange implements Call, ExchangeFacts {
  readonly world: World;
  readonly request: RequestState;
  readonly response: ResponseSide;
  readonly target: string;
  readonly trace: TraceContext;
  /** Milliseconds until its answer must begin, when it began. */
  readonly timeoutMs: number;
  place: Place | undefined;
  /** The part of its route's cache in the answer. */
  cache: CacheMet | undefined;
  /** The state of its target's circuit breaker, where that was not closed. */
  breaker: BreakerMet | undefined;
  /** How often it went to the transport. */
  attempts = 0;
  /** Why it ended without an answer of its target. */
  failure: Error | undefined;
  readonly #writer: ResponseWriter;
  readonly #refuseRest: () => void;
  readonly #limits: TimeLimits;
  #abort: AbortController | undefined;
  #control: UpstreamControl | undefined;
  #release: (() => void) | undefined;
  #ended = false;
  #attemptedAt = 0;
  #failedAt = 0;
  /** Why an answer that was made here is an error. */
  #ownReason: AnswerReason | undefined;

  constructor(init: ExchangeInit) {
    this.world = init.world;
    this.request = new RequestState(init);
    this.target = init.target;
    this.trace = init.trace;
    this.timeoutMs = init.timeoutMs;
    this.#writer = new ResponseWriter(init.response, init.head.hasBody ? init.refuseRest : undefined);
    this.response = this.#writer;
    this.#refuseRest = init.refuseRest;
    this.#limits = new TimeLimits({
      world: init.world,
      timeoutMs: init.timeoutMs,
      waitsForClient: () => this.request.waitsForClient,
      late: error => this.fail(error),
    });
    init.response.on('close', () => this.#closed());
  }

  get method(): string {
    return this.request.head.method;
  }

  get path(): string {
    return this.request.path;
  }

  get headers(): readonly string[] {
    return this.request.headers;
  }

  get body(): Readable | Buffer | null {
    return this.request.openBody(this.#limits);
  }

  get variables(): RequestVariables {
    return this.request.targetVariables;
  }

  get connectTimeoutMs(): number | undefined {
    return this.request.connectTimeoutMs;
  }

  get point(): number | undefined {
    return this.request.point;
  }

  get party(): string {
    return partyOf(this.request);
  }

  get remainingMs(): number {
    return this.#limits.remainingMs;
  }

  get bodyAt(): number | undefined {
    return this.#limits.bodyAt;
  }

  get by(): CallerKind {
    return this.request.head.trusted ? 'function' : 'gateway';
  }

  get late(): boolean {
    return isTimeout(this.failure);
  }

  get begun(): boolean {
    return this.#limits.begunAt !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Made on first use: most requests never need it. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#ended) this.#abort.abort(this.failure);
    return this.#abort.signal;
  }

  attempted(): void {
    if (this.attempts++ === 0) this.#attemptedAt = this.world.monotonic();
  }

  metBreaker(state: BreakerMet): void {
    this.breaker = state;
  }

  /** From the first attempt until an answer began or none would, milliseconds. */
  get upstreamMs(): number | undefined {
    if (this.attempts === 0) return undefined;
    return Math.max(0, (this.#limits.begunAt ?? this.#failedAt) - this.#attemptedAt);
  }

  /** Bytes of the request's body that were read. */
  get bytesIn(): number {
    return this.#limits.receivedBytes;
  }

  /** Bytes of the answer's body that were handed to the connection. */
  get bytesOut(): number {
    return this.#writer.bytes;
  }

  /** Why it was not the target that answered, or not to the end. */
  get reason(): AnswerReason | undefined {
    if (this.failure !== undefined) return reasonOf(this.failure);
    // A connection that changed its protocol may end at any time.
    const isWhole = this.#ended || this.#isSent || this.response.message.statusCode === 101;
    return isWhole ? this.#ownReason : 'client.left';
  }

  begin(stream: boolean): void {
    if (!this.#ended) this.#limits.begin(this.response.idleMs, stream);
  }

  heard(bytes: number): void {
    this.#limits.heard(bytes);
  }

  hold(release: () => void): void {
    if (this.#ended) release();
    else this.#release = release;
  }

  respond(status: number, fields: readonly string[], body: Buffer | string = ''): void {
    if (this.#ended) return;
    this.#writer.writeWhole(status, fields, body);
    this.#finish(undefined);
  }

  /**
   * Answers with what a target said earlier; `fields` hold its Content-Length, a text is one
   * character a byte. Filters run, preparations do not.
   */
  answerKept(status: number, fields: readonly string[], body: Buffer | string | undefined): void {
    if (this.#ended) return;
    this.#writer.writeKept(status, fields, body);
    this.#finish(undefined);
  }

  /** Ends the exchange with a problem document, or with a cut when an answer has begun. */
  fail(error: unknown): void {
    if (this.#ended) return;
    const failure = error instanceof Error ? error : new Error(String(error));
    const { message } = this.response;
    // The client has part of an answer: only a cut tells it that the rest is missing.
    if (message.headersSent) message.destroy();
    else {
      const serious = !(error instanceof TenfoldError) || error.status >= 500;
      if (serious && this.#isStoodInFor(failure)) return;
      if (isFatalForConnection(error)) this.#refuseRest();
      const { status, fields, body } = toProblemAnswer(error, this.trace.traceId, this.request.head.trusted);
      this.#writer.writeWhole(status, fields, body);
    }
    this.#finish(failure);
  }

  onRequestStart(control: UpstreamControl): void {
    this.#control = control;
    if (this.#ended) control.abort(this.failure ?? new Error('the exchange has ended'));
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    // 1xx answers are the upstream's business with us, not with the client.
    if (this.#ended || status < 200) return;
    if (status >= 500 && this.#isStoodInFor()) {
      control.abort(new Error('something else was answered in its place'));
      return;
    }
    const { origin = '', basePath: upstreamPath = '' } = this.place ?? {};
    const mount = { origin, upstreamPath, clientPath: this.request.clientPath };
    const fields = toResponseFields(control.rawHeaders, mount, control.own);
    const stream = isStream(fields);
    if (control.own) this.#ownReason = control.ownReason;
    this.begin(stream);
    this.#writer.writeHead(status, fields);
    if (stream) this.#writer.sendHeadSoon();
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    if (this.#ended) return;
    this.#limits.heard(chunk.length);
    this.#writer.write(chunk, control, this.#limits);
  }

  onResponseEnd(_control: UpstreamControl): void {
    if (this.#ended) return;
    this.#writer.end();
    this.#finish(undefined);
  }

  onResponseError(_control: UpstreamControl, error: Error): void {
    this.fail(toUpstreamError(error, this.target));
  }

  /** Stops the work for an answer that nobody gets. */
  #giveUp(reason: Error): void {
    this.#abort?.abort(reason);
    this.#control?.abort(reason);
    this.request.dropBody();
  }

  #isStoodInFor(failure?: Error): boolean {
    const { standIn } = this.response;
    this.response.standIn = undefined;
    const answers = standIn?.() ?? false;
    if (answers && failure) this.#giveUp(failure);
    return answers;
  }

  /** Whether the client has the whole answer. */
  get #isSent(): boolean {
    return this.#writer.whole && this.response.message.writableFinished;
  }

  /** The connection to the client is gone, or the answer is all sent. */
  #closed(): void {
    if (this.#ended) return;
    if (this.#isSent) this.#finish(undefined);
    else
      this.#finish(
        new TenfoldError('bad-request', 'The client left before the answer was complete.', { reason: 'client.left' }),
      );
  }

  #finish(failure: Error | undefined): void {
    this.#ended = true;
    this.failure = failure;
    this.#limits.cancel();
    if (failure) {
      this.#failedAt = this.world.monotonic();
      this.#giveUp(failure);
    }
    this.#writer.ended(failure);
    this.#release?.();
    this.#release = undefined;
  }
}
