// What becomes of the requests that a process let in: they run or wait, are answered in time or
// refused, and end when it stops.
import type { Socket } from 'node:net';
import { CAUSE_HEADER, CONSUMER_HEADER, NAMESPACE_HEADER, REFUSED_HEADER } from '../core/wire.ts';
import { answerError } from '../sdk/kernel/answer.ts';
import type { Definition } from '../sdk/kernel/definition.ts';
import { knownProblem } from '../sdk/kernel/known-problems.ts';
import { type Answer, type ProblemAnswer, problemAnswer, type StreamBody } from '../sdk/kernel/to-answer.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { Causes } from './causes.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import type { Exchange } from './exchange.ts';
import { handle } from './handle.ts';
import { rawHeader } from './raw-headers.ts';
import type { Settings } from './settings.ts';
import { cut, isWhole, type WholeBody, writeStream, writeWhole } from './write-answer.ts';

const RETRY_AFTER_SECONDS = 1;

/** Says whether a connection ends after this request, whatever its answer. */
type EndsWith = (request: Exchange['request'], hasBody: boolean) => boolean;

export class OpenRequests {
  readonly #definition: Definition;
  readonly #endsWith: EndsWith;
  /** Whether each request has a line in the log. */
  readonly #debug: boolean;
  readonly #admission: Admission<Exchange>;
  readonly #deadlines: Deadlines<Exchange>;
  readonly #causes: Pick<Causes, 'seal'>;
  #draining = false;
  #onEmpty: (() => void) | undefined;

  constructor(
    definition: Definition,
    settings: Settings,
    causes: Pick<Causes, 'seal'>,
    endsWith: EndsWith,
    debug: boolean,
  ) {
    this.#definition = definition;
    this.#endsWith = endsWith;
    this.#causes = causes;
    this.#debug = debug;
    this.#admission = createAdmission<Exchange>(settings);
    this.#deadlines = createDeadlines(
      () => performance.now(),
      exchange => this.#expire(exchange),
    );
  }

  /**
   * Whether the process stops: what it answers from now on is the last answer of its connection.
   */
  get draining(): boolean {
    return this.#draining;
  }

  /** Runs the function, lets the request wait for its turn, or refuses it. */
  enter(exchange: Exchange): void {
    const verdict = this.#admission.enter(exchange);
    if (verdict === 'refuse') {
      onceParsed(exchange, () => this.#refuse(exchange, 'too-many-requests'));
      return;
    }
    this.#deadlines.add(exchange);
    if (verdict === 'run') this.#run(exchange);
  }

  refuseOtherNamespace(exchange: Exchange): void {
    const detail =
      'This Function is private to its namespace, and the resource that led here is of another one. Let the namespace of the Function offer it by an Api, and name its address.';
    onceParsed(exchange, () => this.#sendProblem(exchange, knownProblem('forbidden', detail)));
  }

  /** The caller's connection is gone, and with it every request on it. */
  left(socket: Socket): void {
    for (const exchange of this.#deadlines.open) {
      if (exchange.request.socket !== socket) continue;
      exchange.cancel(new DOMException('The caller has gone away.', 'AbortError'));
      this.#finish(exchange, 0);
    }
  }

  /**
   * Lets what is open end for at most `graceMs`, and refuses the rest. Resolves to the number of
   * refused ones.
   */
  async drain(graceMs: number): Promise<number> {
    this.#draining = true;
    if (this.#deadlines.open.size > 0) await this.#empty(graceMs);
    // Waiting requests come first: the place of a running one must not start another.
    const left = [...this.#deadlines.open].sort(
      (a, b) => Number(a.state === 'running') - Number(b.state === 'running'),
    );
    for (const exchange of left) {
      exchange.cancel(new DOMException('The process is shutting down.', 'AbortError'));
      if (exchange.response.headersSent) this.#cut(exchange, 0);
      else this.#refuse(exchange, 'shutting-down');
    }
    this.#deadlines.close();
    return left.length;
  }

  #empty(graceMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, graceMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #run(exchange: Exchange): void {
    exchange.state = 'running';
    const answer = handle(this.#definition, exchange);
    if (answer instanceof Promise) answer.then(later => this.#answered(exchange, later));
    else this.#answered(exchange, answer);
  }

  #answered(exchange: Exchange, answer: Answer): void {
    if (answer.thrown === undefined) this.#deliver(exchange, answer);
    else void this.#tellCauses(exchange, answer).then(() => this.#deliver(exchange, answer));
  }

  /** For the platform alone: only its calls ask, and only it can open what they get. */
  async #tellCauses({ request, invocation }: Exchange, { status, headers, thrown = [] }: Answer): Promise<void> {
    // Consumers ask for every failure of an event, others where the function failed as a whole.
    const asks = rawHeader(request.rawHeaders, status >= 500 ? NAMESPACE_HEADER : CONSUMER_HEADER) !== undefined;
    if (thrown.length === 0 || !asks) return;
    const sealed = await this.#causes.seal(thrown, invocation.trace.traceId);
    if (sealed !== undefined) headers.push(CAUSE_HEADER, sealed);
  }

  #deliver(exchange: Exchange, answer: Answer): void {
    onceParsed(exchange, () => {
      // The deadline or the drain has answered meanwhile, or the caller has left.
      if (exchange.state !== 'running') return;
      const { body } = answer;
      if (isWhole(body)) this.#send(exchange, answer, body);
      else void this.#deliverStream(exchange, answer, body);
    });
  }

  async #deliverStream(exchange: Exchange, answer: Answer, body: StreamBody): Promise<void> {
    const { response, invocation } = exchange;
    let failure: ProblemAnswer | undefined;
    try {
      await writeStream(
        response,
        answer,
        body,
        () => this.#isLast(exchange),
        error => {
          // Stored here, because the connection that breaks next looks like a caller who left,
          // whose failures are not worth a line.
          failure = answerError(error, invocation);
        },
      );
      this.#finish(exchange, answer.status);
    } catch (error) {
      if (exchange.state !== 'running') return;
      failure ??= answerError(error, invocation);
      if (response.headersSent) {
        this.#cut(exchange, answer.status);
        return;
      }
      await this.#tellCauses(exchange, failure);
      if (exchange.state === 'running') this.#send(exchange, failure, failure.body);
    }
  }

  #send(exchange: Exchange, answer: Answer, body: WholeBody): void {
    try {
      writeWhole(exchange.response, answer, body, this.#isLast(exchange));
    } catch (error) {
      // A header that HTTP forbids; nothing has been sent.
      const failure = answerError(error, exchange.invocation);
      void this.#tellCauses(exchange, failure).then(() => {
        if (exchange.state === 'answered') return;
        writeWhole(exchange.response, failure, failure.body, this.#isLast(exchange));
        this.#finish(exchange, failure.status);
      });
      return;
    }
    this.#finish(exchange, answer.status);
  }

  #sendProblem(exchange: Exchange, problem: Parameters<typeof problemAnswer>[0]): void {
    const answer = problemAnswer(problem, exchange.invocation.trace.traceId);
    this.#send(exchange, answer, answer.body);
  }

  /** Ends an answer that has begun, so that the caller does not take what it has for the whole. */
  #cut(exchange: Exchange, status: number): void {
    cut(exchange.request, exchange.response);
    this.#finish(exchange, status);
  }

  /** Whether the answer that begins now is the last one of its connection. */
  #isLast({ request, hasBody }: Exchange): boolean {
    return this.#endsWith(request, hasBody) || this.#draining;
  }

  #finish(exchange: Exchange, status: number): void {
    const { state } = exchange;
    if (state === 'answered') return;
    exchange.state = 'answered';
    this.#deadlines.remove(exchange);
    if (this.#debug) logRequest(exchange, status);
    if (state === 'waiting') this.#admission.abandon(exchange);
    else {
      const next = this.#admission.leave();
      if (next) this.#run(next);
    }
    if (this.#deadlines.open.size === 0) this.#onEmpty?.();
  }

  #expire(exchange: Exchange): void {
    if (exchange.state === 'waiting') {
      this.#refuse(exchange, 'overloaded');
      return;
    }
    exchange.cancel(new DOMException('The time limit was reached.', 'TimeoutError'));
    if (exchange.response.headersSent) {
      this.#cut(exchange, exchange.response.statusCode);
      return;
    }
    const ms = Math.round(exchange.timeoutMs);
    this.#sendProblem(exchange, knownProblem('timeout', `The function did not answer within ${ms} ms.`));
  }

  #refuse(exchange: Exchange, reason: 'too-many-requests' | 'overloaded' | 'shutting-down'): void {
    const code = this.#draining ? 'shutting-down' : reason;
    // Says that one instance refuses, so that callers do not take it for what the function asks.
    const headers = { [REFUSED_HEADER]: code };
    const problem = knownProblem(code, undefined, { headers, retryAfterSeconds: RETRY_AFTER_SECONDS });
    this.#sendProblem(exchange, problem);
  }
}

/**
 * A body that came in one piece with the head, and that the handler did not read, is parsed before
 * the answer: so it need not close the connection.
 */
function onceParsed({ request, hasBody }: Exchange, run: () => void): void {
  if (hasBody && !request.complete) setImmediate(run);
  else run();
}

function logRequest({ request, invocation, startedAt }: Exchange, status: number): void {
  const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
  invocation.logger.debug('request', { method: request.method, url: request.url, status, ms });
}
