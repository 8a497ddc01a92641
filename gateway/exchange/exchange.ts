// One request on its way through: its head, its deadline, and the answer as it streams back through whatever the route's steps ask for.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import { isFatalForConnection } from '../../core/problem.ts';
import type { TraceContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { Client, ClientReader } from '../http/client.ts';
import { isStream } from '../http/is-stream.ts';
import { toProblemAnswer } from '../http/problem-answer.ts';
import type { RequestHead } from '../http/request-head.ts';
import { toResponseFields } from '../http/response-fields.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import { toUpstreamError } from '../transport/upstream-error.ts';
import { BodyStream } from './body-stream.ts';
import type { ClientSide } from './client-side.ts';
import type { ExchangeInit, FindOtherRoute, OtherRoute } from './exchange-init.ts';
import { partyOf } from './party.ts';
import { RequestViews } from './request-views.ts';
import { type HeadFilter, type ResponseObserver, ResponseWriter, type Sink } from './response-writer.ts';
import type { RouteFacts } from './route-facts.ts';
import type { Call, Place } from './target.ts';
import { DEFAULT_IDLE_MS, TimeLimits } from './time-limits.ts';
import type { RequestVariables } from './variables.ts';

/** A class, as it is one object with a lifecycle per request: request, call and receiver of the answer at the same time. */
export class Exchange implements Call {
  readonly world: World;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  params: Readonly<Record<string, string | undefined>>;
  /** See `ExchangeInit`. */
  readonly otherRoute: FindOtherRoute | undefined;
  /** The route that took the request over from the one that was found first. */
  route: RouteFacts | undefined;
  readonly target: string;
  readonly trace: TraceContext;
  /** Milliseconds until its answer must begin, when it began. */
  readonly timeoutMs: number;
  /** Fields that the target gets; steps change them before the request is sent on. */
  path: string;
  headers: string[];
  place: Place | undefined;
  /** The part of the path that the client sees and the target does not. */
  clientPath = '';
  /** The caller, once a step has found out: the subject of a token or the name of an API key; `caller`: the function, at an internal listener. */
  consumer: string | undefined;
  caller: string | undefined;
  /** Claims of a token that was checked. */
  claims: Readonly<Record<string, unknown>> | undefined;
  /** The JSON body, once a step has read and parsed it. */
  parsedBody: unknown;
  /** Longest time to open a connection to the target, milliseconds. Undefined: that of the transport. */
  connectTimeoutMs: number | undefined;
  /** Once the answer has begun, only a silence of this length ends it, milliseconds. */
  streamIdleMs = DEFAULT_IDLE_MS;
  point: number | undefined;
  /** Answers in place of a failure, or of an answer with a 5xx status, unless it says false. Asked once, and only before an answer has begun. */
  standIn: (() => boolean) | undefined;
  /** Set when the client asks for another protocol and the route allows it. */
  readonly clientSide: ClientSide | undefined;
  readonly views = new RequestViews(this);
  readonly #readClient: ClientReader;
  readonly #writer: ResponseWriter;
  readonly #refuseRest: () => void;
  readonly #limits: TimeLimits;
  #client: Client | undefined;
  #body: Readable | Buffer | null | undefined;
  #abort: AbortController | undefined;
  #control: UpstreamControl | undefined;
  #release: (() => void) | undefined;
  /** Why it ended without an answer of its target. */
  failure: Error | undefined;
  #ended = false;

  constructor(init: ExchangeInit) {
    this.world = init.world;
    this.request = init.request;
    this.response = init.response;
    this.head = init.head;
    this.params = init.params;
    this.otherRoute = init.otherRoute;
    this.target = init.target;
    this.trace = init.trace;
    this.path = init.head.path + init.head.query;
    this.headers = init.head.fields;
    this.#writer = new ResponseWriter(init.response, init.head.hasBody ? init.refuseRest : undefined);
    this.#refuseRest = init.refuseRest;
    this.#readClient = init.readClient;
    this.clientSide = init.client;
    this.timeoutMs = init.timeoutMs;
    this.#limits = new TimeLimits({
      world: init.world,
      timeoutMs: init.timeoutMs,
      waitsForClient: () => this.#body instanceof BodyStream && this.#body.waitsForClient,
      late: error => this.fail(error),
    });
    this.response.on('close', () => this.#closed());
  }

  get method(): string {
    return this.head.method;
  }

  get party(): string {
    return partyOf(this);
  }

  get remainingMs(): number {
    return this.#limits.remainingMs;
  }

  get bodyAt(): number | undefined {
    return this.#limits.bodyAt;
  }

  get begun(): boolean {
    return this.#limits.begun;
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

  /** The client, as far as we or a proxy that we trust can tell. */
  get client(): Client {
    this.#client ??= this.#readClient(this.request);
    return this.#client;
  }

  /** Another route takes the request over. */
  reroute({ route, params }: OtherRoute): void {
    this.route = route;
    this.params = params;
    this.views.forget();
  }

  /** The variables of expressions that make the target's request. */
  get variables(): RequestVariables {
    return this.views.ofTarget;
  }

  /** The request's body: a stream, or its bytes once a step has read them with `setBody`. */
  get body(): Readable | Buffer | null {
    if (this.#body === undefined) {
      const { request, head } = this;
      this.#body = head.hasBody ? new BodyStream(request, bytes => this.#limits.received(bytes)) : null;
    }
    return this.#body;
  }

  /** Replaces the body that the target gets by bytes that can be sent more than once. */
  setBody(bytes: Buffer): void {
    this.#body = bytes;
  }

  /** Fields for the answer of any source, problem documents included. */
  addFields(...fields: string[]): void {
    this.#writer.addFields(fields);
  }

  /** Changes the head of an answer that comes from a target. Filters run in the order in which they were added. */
  filterHead(filter: HeadFilter): void {
    this.#writer.addFilter(filter);
  }

  /** The same for steps that change the body itself, or keep what they see: they run before all others. */
  prepareHead(filter: HeadFilter): void {
    this.#writer.addPreparation(filter);
  }

  observe(observer: ResponseObserver): void {
    this.#writer.observe(observer);
  }

  /** Sends the answer's body through `sink`, e.g. a compressor; to be called by a head filter. */
  pipeBody(sink: Sink): void {
    this.#writer.pipeBody(sink);
  }

  begin(stream: boolean): void {
    if (!this.#ended) this.#limits.begin(this.streamIdleMs, stream);
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

  /** Answers with what a target said earlier; `fields` hold its Content-Length, a text is one character a byte. Filters run, preparations do not. */
  answerKept(status: number, fields: readonly string[], body: Buffer | string | undefined): void {
    if (this.#ended) return;
    this.#writer.writeKept(status, fields, body);
    this.#finish(undefined);
  }

  /** Ends the exchange with a problem document, or with a cut when an answer has begun. */
  fail(error: unknown): void {
    if (this.#ended) return;
    const failure = error instanceof Error ? error : new Error(String(error));
    // The client has part of an answer: only a cut tells it that the rest is missing.
    if (this.response.headersSent) this.response.destroy();
    else {
      const serious = !(error instanceof TenfoldError) || error.status >= 500;
      if (serious && this.#isStoodInFor(failure)) return;
      if (isFatalForConnection(error)) this.#refuseRest();
      const { status, fields, body } = toProblemAnswer(error, this.trace.traceId, this.head.trusted);
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
    const mount = { origin, upstreamPath, clientPath: this.clientPath };
    const fields = toResponseFields(control.rawHeaders, mount, control.own);
    const stream = isStream(fields);
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
    if (this.#body instanceof BodyStream) this.#body.destroy();
  }

  #isStoodInFor(failure?: Error): boolean {
    const { standIn } = this;
    this.standIn = undefined;
    const answers = standIn?.() ?? false;
    if (answers && failure) this.#giveUp(failure);
    return answers;
  }

  /** The connection to the client is gone, or the answer is all sent. */
  #closed(): void {
    if (this.#ended) return;
    if (this.#writer.whole && this.response.writableFinished) this.#finish(undefined);
    else this.#finish(new TenfoldError('bad-request', 'The client left before the answer was complete.'));
  }

  #finish(failure: Error | undefined): void {
    this.#ended = true;
    this.failure = failure;
    this.#limits.cancel();
    if (failure) this.#giveUp(failure);
    this.#writer.ended(failure);
    this.#release?.();
    this.#release = undefined;
  }
}
