// The HTTP server of one function: checks what comes in, answers probes,
// hands requests on, and drains.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createHeadGuard, type HeadGuard } from '../core/http/head-guard.ts';
import { listenerConnections } from '../core/http/keep-alive.ts';
import type { CheckedRequest } from '../core/http/request-check.ts';
import { MAX_INTERNAL_TIMEOUT_MS, NAMESPACE_HEADER, TIMEOUT_HEADER } from '../core/wire.ts';
import type { Timer } from '../core/world.ts';
import type { Definition } from '../sdk/kernel/definition.ts';
import type { InvocationHost } from '../sdk/kernel/invocation.ts';
import type { Causes } from './causes.ts';
import { Exchange } from './exchange.ts';
import { answerProbe, probeOf } from './health.ts';
import type { ProcessLog } from './log.ts';
import { OpenRequests } from './open-requests.ts';
import { rawHeader } from './raw-headers.ts';
import type { Settings } from './settings.ts';

export interface FunctionServer {
  readonly server: Server;
  /**
   * Stops accepting, lets open requests end for at most `graceMs`, and refuses the rest. Resolves
   * to the number of refused ones.
   */
  drain(graceMs: number): Promise<number>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const CHECK_INTERVAL_MS = 1000;
const MAX_HEADER_BYTES = 16 * 1024;
/** 23 days: timers take no more than 24. */
const UNLIMITED_MS = 2_000_000_000;

export function createFunctionServer(
  definition: Definition,
  settings: Settings,
  host: InvocationHost,
  causes: Pick<Causes, 'seal'>,
  log: ProcessLog,
): FunctionServer {
  const guard = createHeadGuard({ after });
  const requests = new OpenRequests(
    definition,
    settings,
    causes,
    (request, hasBody) => guard.endsWith(request, hasBody),
    log.isEnabled('debug'),
  );
  const entrance = new Entrance(settings, host, guard, requests);
  const server = createHttpServer();
  server.on('request', (request, response) => entrance.receive(request, response));
  server.on('checkContinue', (request, response) => entrance.receiveHead(request, response));
  server.on('connection', (socket: Socket) => socket.on('close', () => requests.left(socket)));
  return { server, drain: graceMs => drain(server, requests, graceMs) };
}

function createHttpServer(): Server {
  // Not imported as a module: that would load all of fetch with it, 30 ms of every cold start.
  const server = process.getBuiltinModule('node:http').createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: MAX_INTERNAL_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    ...listenerConnections,
    // Refused by our own check, with all else that is wrong, so that nothing behind such a
    // request is taken for another.
    requireHostHeader: false,
    // A request that has no body gets one that has ended already, which saves
    // Node 1 µs of stream events.
    optimizeEmptyRequests: true,
    noDelay: true,
  });
  // Node would drop headers beyond 2000 in silence; their number is bounded by their size.
  server.maxHeadersCount = 0;
  return server;
}

async function drain(server: Server, requests: OpenRequests, graceMs: number): Promise<number> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  const refused = await requests.drain(graceMs);
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), CHECK_INTERVAL_MS).unref();
  await closed;
  return refused;
}

/** A request passes this before it is one of the open requests. */
class Entrance {
  readonly #settings: Settings;
  readonly #host: InvocationHost;
  readonly #guard: HeadGuard;
  readonly #requests: OpenRequests;

  constructor(settings: Settings, host: InvocationHost, guard: HeadGuard, requests: OpenRequests) {
    this.#settings = settings;
    this.#host = host;
    this.#guard = guard;
    this.#requests = requests;
  }

  receive(request: IncomingMessage, response: ServerResponse): void {
    const checked = this.#guard.admit(request, response);
    if (checked !== undefined) this.#enter(request, response, checked);
  }

  /** A client that asks first is spared sending what would be refused. */
  receiveHead(request: IncomingMessage, response: ServerResponse): void {
    const checked = this.#guard.admit(request, response);
    if (checked === undefined) return;
    const tooLarge = Number(rawHeader(request.rawHeaders, 'content-length')) > this.#settings.maxBodyBytes;
    if (!tooLarge) response.writeContinue();
    this.#enter(request, response, checked);
  }

  #enter(request: IncomingMessage, response: ServerResponse, { hasBody }: CheckedRequest): void {
    const probe = probeOf(request.url ?? '/');
    if (probe !== undefined) {
      const { draining } = this.#requests;
      answerProbe(response, probe === 'live' || !draining, draining || this.#guard.endsWith(request, hasBody));
      return;
    }
    const exchange = new Exchange(
      this.#host,
      request,
      response,
      hasBody,
      performance.now(),
      this.#timeoutOf(request),
      this.#settings.maxBodyBytes,
    );
    if (this.#isForAnother(request)) this.#requests.refuseOtherNamespace(exchange);
    else this.#requests.enter(exchange);
  }

  /**
   * A `url` of another namespace leads here, by whatever name, Service or address: the platform is
   * let in, but not for them.
   */
  #isForAnother(request: IncomingMessage): boolean {
    if (this.#settings.namespace === undefined) return false;
    const namespace = rawHeader(request.rawHeaders, NAMESPACE_HEADER);
    return namespace !== undefined && namespace !== this.#settings.namespace;
  }

  #timeoutOf(request: IncomingMessage): number {
    if (this.#settings.inspected) return UNLIMITED_MS;
    const header = rawHeader(request.rawHeaders, TIMEOUT_HEADER);
    const asked = header === undefined ? Number.NaN : Number(header);
    return asked >= 0 && asked < this.#settings.timeoutMs ? asked : this.#settings.timeoutMs;
  }
}

function after(ms: number, run: () => void): Timer {
  const timer = setTimeout(run, ms).unref();
  return { cancel: () => clearTimeout(timer) };
}
