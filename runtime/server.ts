// The HTTP server of one function: admits requests, runs the function, keeps deadlines, answers, and drains.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createHeadGuard } from '../core/http/head-guard.ts';
import { listenerConnections } from '../core/http/keep-alive.ts';
import type { CheckedRequest } from '../core/http/request-check.ts';
import { MAX_INTERNAL_TIMEOUT_MS, NAMESPACE_HEADER, REFUSED_HEADER, TIMEOUT_HEADER } from '../core/wire.ts';
import type { Timer } from '../core/world.ts';
import { answerError } from '../sdk/kernel/answer.ts';
import type { Definition } from '../sdk/kernel/definition.ts';
import type { InvocationHost } from '../sdk/kernel/invocation.ts';
import { knownProblem } from '../sdk/kernel/known-problems.ts';
import { type Answer, type ProblemAnswer, problemAnswer, type StreamBody } from '../sdk/kernel/to-answer.ts';
import { createAdmission } from './admission.ts';
import { createDeadlines } from './deadlines.ts';
import { Exchange } from './exchange.ts';
import { handle } from './handle.ts';
import { answerProbe, probeOf } from './health.ts';
import type { ProcessLog } from './log.ts';
import { rawHeader } from './raw-headers.ts';
import type { Settings } from './settings.ts';
import { cut, isWhole, type WholeBody, writeStream, writeWhole } from './write-answer.ts';

export interface FunctionServer {
  readonly server: Server;
  /**
   * Stops accepting, lets open requests end for at most `graceMs`, and refuses the rest. Resolves
   * to the number of refused ones.
   */
  drain(graceMs: number): Promise<number>;
}

const RETRY_AFTER_SECONDS = 1;
const HEADERS_TIMEOUT_MS = 10_000;
const CHECK_INTERVAL_MS = 1000;
const MAX_HEADER_BYTES = 16 * 1024;

export function createFunctionServer(
  definition: Definition,
  settings: Settings,
  host: InvocationHost,
  log: ProcessLog,
): FunctionServer {
  const admission = createAdmission<Exchange>(settings);
  const deadlines = createDeadlines(() => performance.now(), expire);
  const debug = log.isEnabled('debug');
  const guard = createHeadGuard({ after });
  let draining = false;
  let onEmpty: (() => void) | undefined;

  // Not imported as a module: that would load all of fetch with it, 30 ms of every cold start.
  const server = process.getBuiltinModule('node:http').createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: MAX_INTERNAL_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    ...listenerConnections,
    // Refused by our own check, with all else that is wrong, so that nothing behind such a request is taken for another.
    requireHostHeader: false,
    // A request that has no body gets one that has ended already, which saves Node 1 µs of stream events.
    optimizeEmptyRequests: true,
    noDelay: true,
  });
  // Node would drop headers beyond 2000 in silence; their number is bounded by their size.
  server.maxHeadersCount = 0;
  server.on('request', receive);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const checked = guard.admit(request, response);
    if (checked === undefined) return;
    // A client that asks first is spared sending what would be refused.
    const tooLarge = Number(rawHeader(request.rawHeaders, 'content-length')) > settings.maxBodyBytes;
    if (!tooLarge) response.writeContinue();
    enter(request, response, checked);
  });
  server.on('connection', (socket: Socket) => socket.on('close', socketClosed));

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const checked = guard.admit(request, response);
    if (checked !== undefined) enter(request, response, checked);
  }

  function enter(request: IncomingMessage, response: ServerResponse, { hasBody }: CheckedRequest): void {
    const probe = probeOf(request.url ?? '/');
    if (probe !== undefined) {
      answerProbe(response, probe === 'live' || !draining, draining || guard.endsWith(request, hasBody));
      return;
    }
    const exchange = new Exchange(
      host,
      request,
      response,
      hasBody,
      performance.now(),
      timeoutOf(request),
      settings.maxBodyBytes,
    );
    if (isForAnother(request)) {
      onceParsed(exchange, () => refuseAnother(exchange));
      return;
    }
    const verdict = admission.enter(exchange);
    if (verdict === 'refuse') {
      onceParsed(exchange, () => refuse(exchange, 'too-many-requests'));
      return;
    }
    deadlines.add(exchange);
    if (verdict === 'run') run(exchange);
  }

  /** A `url` of another namespace leads here, by whatever name, Service or address: the platform is let in, but not for them. */
  function isForAnother(request: IncomingMessage): boolean {
    if (settings.namespace === undefined) return false;
    const namespace = rawHeader(request.rawHeaders, NAMESPACE_HEADER);
    return namespace !== undefined && namespace !== settings.namespace;
  }

  function timeoutOf(request: IncomingMessage): number {
    const header = rawHeader(request.rawHeaders, TIMEOUT_HEADER);
    const asked = header === undefined ? Number.NaN : Number(header);
    return asked >= 0 && asked < settings.timeoutMs ? asked : settings.timeoutMs;
  }

  function run(exchange: Exchange): void {
    exchange.state = 'running';
    const answer = handle(definition, exchange);
    if (answer instanceof Promise) answer.then(later => deliver(exchange, later));
    else deliver(exchange, answer);
  }

  function deliver(exchange: Exchange, answer: Answer): void {
    onceParsed(exchange, () => {
      // The deadline or the drain has answered meanwhile, or the caller has left.
      if (exchange.state !== 'running') return;
      const { body } = answer;
      if (isWhole(body)) send(exchange, answer, body);
      else void deliverStream(exchange, answer, body);
    });
  }

  async function deliverStream(exchange: Exchange, answer: Answer, body: StreamBody): Promise<void> {
    const { request, response, invocation } = exchange;
    let failure: ProblemAnswer | undefined;
    try {
      await writeStream(
        response,
        answer,
        body,
        () => isLast(exchange),
        error => {
          // Stored here, because the connection that breaks next looks like a caller who left,
          // whose failures are not worth a line.
          failure = answerError(error, invocation);
        },
      );
      finish(exchange, answer.status);
    } catch (error) {
      if (exchange.state !== 'running') return;
      failure ??= answerError(error, invocation);
      if (!response.headersSent) {
        send(exchange, failure, failure.body);
        return;
      }
      cut(request, response);
      finish(exchange, answer.status);
    }
  }

  function send(exchange: Exchange, answer: Answer, body: WholeBody): void {
    try {
      writeWhole(exchange.response, answer, body, isLast(exchange));
    } catch (error) {
      // A header that HTTP forbids; nothing has been sent.
      const failure = answerError(error, exchange.invocation);
      writeWhole(exchange.response, failure, failure.body, isLast(exchange));
    }
    finish(exchange, answer.status);
  }

  /**
   * A body that came in one piece with the head, and that the handler did not read, is parsed
   * before the answer: so it need not close the connection.
   */
  function onceParsed({ request, hasBody }: Exchange, run: () => void): void {
    if (hasBody && !request.complete) setImmediate(run);
    else run();
  }

  /** Whether the answer that begins now is the last one of its connection. */
  function isLast({ request, hasBody }: Exchange): boolean {
    return guard.endsWith(request, hasBody) || draining;
  }

  function finish(exchange: Exchange, status: number): void {
    const { state } = exchange;
    if (state === 'answered') return;
    exchange.state = 'answered';
    deadlines.remove(exchange);
    if (debug) logRequest(exchange, status);
    if (state === 'waiting') admission.abandon(exchange);
    else {
      const next = admission.leave();
      if (next) run(next);
    }
    if (deadlines.open.size === 0) onEmpty?.();
  }

  function expire(exchange: Exchange): void {
    if (exchange.state === 'waiting') {
      refuse(exchange, 'overloaded');
      return;
    }
    exchange.cancel(new DOMException('The time limit was reached.', 'TimeoutError'));
    if (exchange.response.headersSent) {
      cut(exchange.request, exchange.response);
      finish(exchange, exchange.response.statusCode);
      return;
    }
    const ms = Math.round(exchange.timeoutMs);
    const problem = knownProblem('timeout', `The function did not answer within ${ms} ms.`);
    const answer = problemAnswer(problem, exchange.invocation.trace.traceId);
    send(exchange, answer, answer.body);
  }

  function refuse(exchange: Exchange, reason: 'too-many-requests' | 'overloaded' | 'shutting-down'): void {
    const code = draining ? 'shutting-down' : reason;
    // Says that one instance refuses, so that callers do not take it for what the function asks.
    const headers = { [REFUSED_HEADER]: code };
    const problem = knownProblem(code, undefined, { headers, retryAfterSeconds: RETRY_AFTER_SECONDS });
    const answer = problemAnswer(problem, exchange.invocation.trace.traceId);
    send(exchange, answer, answer.body);
  }

  function refuseAnother(exchange: Exchange): void {
    const detail =
      'This Function is private to its namespace, and the resource that led here is of another one. Let the namespace of the Function offer it by an Api, and name its address.';
    const answer = problemAnswer(knownProblem('forbidden', detail), exchange.invocation.trace.traceId);
    send(exchange, answer, answer.body);
  }

  function socketClosed(this: Socket): void {
    for (const exchange of deadlines.open) {
      if (exchange.request.socket !== this) continue;
      exchange.cancel(new DOMException('The caller has gone away.', 'AbortError'));
      finish(exchange, 0);
    }
  }

  function logRequest(exchange: Exchange, status: number): void {
    const { request, invocation, startedAt } = exchange;
    const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
    invocation.logger.debug('request', { method: request.method, url: request.url, status, ms });
  }

  async function drain(graceMs: number): Promise<number> {
    draining = true;
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    if (deadlines.open.size > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, graceMs);
        onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    // Waiting requests come first: the place of a running one must not start another.
    const left = [...deadlines.open].sort((a, b) => Number(a.state === 'running') - Number(b.state === 'running'));
    for (const exchange of left) {
      exchange.cancel(new DOMException('The process is shutting down.', 'AbortError'));
      if (exchange.response.headersSent) {
        cut(exchange.request, exchange.response);
        finish(exchange, 0);
      } else refuse(exchange, 'shutting-down');
    }
    deadlines.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), CHECK_INTERVAL_MS).unref();
    await closed;
    return left.length;
  }

  return { server, drain };
}

function after(ms: number, run: () => void): Timer {
  const timer = setTimeout(run, ms).unref();
  return { cancel: () => clearTimeout(timer) };
}
