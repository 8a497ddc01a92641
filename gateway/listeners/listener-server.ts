// The HTTP server under a listener, with limits against slow and oversized input.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { closeServer, listen } from '../../core/http/http-server.ts';
import { listenerConnections } from '../../core/http/keep-alive.ts';
import { createLastAnswers } from '../../core/http/last-answers.ts';
import { nodeHttp, nodeHttps } from '../../core/http/node-http.ts';
import type { World } from '../../core/world.ts';
import type { ClientSide } from '../exchange/client-side.ts';
import { peerAddress } from '../http/peer-address.ts';
import type { Answered } from './answered.ts';
import { type ConnectionCounts, createConnectionCounts, createConnectionGuard } from './connection-guard.ts';
import { isRefused, refuseUnread } from './unread-request.ts';

/**
 * `refuseRest`: nothing that follows on the connection may be taken for a request;
 * the answer must close it.
 */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  refuseRest: () => void,
  client?: ClientSide,
) => void;

/** Both in PEM; the certificate with those between it and a root. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface ListenerServerOptions {
  readonly world: World;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly maxConnections: number;
  /** Connections of one client network; without it as many as of all together. */
  readonly maxPerClient?: number | undefined;
  /** Proxies, which have as many as they like. */
  readonly exempt?: BlockList | undefined;
  /**
   * How long an idle connection is kept, milliseconds; without it as long as callers
   * of every kind keep theirs.
   */
  readonly idleMs?: number | undefined;
  readonly counts?: ConnectionCounts | undefined;
  /** With it the listener speaks HTTPS only. */
  readonly certificate?: Certificate | undefined;
  handle: Handler;
  /** Told of each answer to a request that never reached `handle`. */
  refused?(answered: Omit<Answered, 'listener'>): void;
  /** Whether the request's connection may change its protocol; without it none may. */
  mayUpgrade?(request: IncomingMessage): boolean;
}

export interface ListenerServer {
  /** e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /**
   * For connections from now on; throws when the two do not belong together. Only for a listener
   * that was opened with one.
   */
  renew(certificate: Certificate): void;
  /**
   * Goes on, but each answer from now on is the last one of its connection: clients look for
   * another listener before this one closes.
   */
  drain(): void;
  /**
   * Takes no new connections, lets answers in flight end for at most `graceMs`, then cuts the rest.
   */
  close(graceMs: number): Promise<void>;
}

const TLS = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000, ALPNProtocols: ['http/1.1'] } as const;

export async function openListener(options: ListenerServerOptions): Promise<ListenerServer> {
  const { world, handle } = options;
  const http = nodeHttp();
  let draining = false;
  const last = createLastAnswers(world);
  /** Connections that node:http has let go of. */
  const tunnels = new Set<Duplex>();
  const current = new WeakMap<Duplex, ServerResponse>();
  const { maxConnections: max, maxPerClient: perClient = max, counts = createConnectionCounts() } = options;
  const guard = createConnectionGuard({ max, perClient }, counts, options.exempt);
  const follow = (socket: Duplex) => {
    tunnels.add(socket);
    socket.on('close', () => tunnels.delete(socket));
  };
  const receive = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (last.has(socket)) return;
    guard.busy(socket);
    current.set(socket, response);
    response.once('close', () => {
      guard.done(socket);
      if (current.get(socket) === response) current.delete(socket);
    });
    // The client must not send its next request on a connection that is about to close.
    if (draining) response.shouldKeepAlive = false;
    handle(request, response, () => last.add(socket));
  };
  const settings = settingsOf(options);
  const secure =
    options.certificate && nodeHttps().createServer({ ...settings, ...TLS, ...options.certificate }, receive);
  const server = secure ?? http.createServer(settings, receive);
  server.maxHeadersCount = 200;
  server.maxConnections = max;
  server.on('drop', guard.dropped);
  server.on('clientError', (error: Error, socket: Socket) => {
    // The last answer goes on, and the listener drops what follows it.
    if (last.has(socket) && socket.writable && isRefused(error)) return;
    last.add(socket);
    const answered = refuseUnread(error, socket, current.get(socket));
    if (answered !== undefined) options.refused?.({ ...answered, client: peerAddress(socket) });
  });
  // This also reads its address while it is there: node remembers it for callers after the end.
  server.on('connection', guard.opened);
  // The first reader of the body sends 100 Continue, so that a refusal comes before the upload.
  server.on('checkContinue', (request, response) => {
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue();
    });
    receive(request, response);
  });
  // The check of the head refuses these, as it does all that no listener serves.
  server.on('checkExpectation', receive);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    follow(socket);
    receive(request, answerOn(request, socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, first: Buffer) => {
    const { socket: connection } = request;
    guard.busy(connection);
    const response = answerOn(request, socket);
    follow(socket);
    const protocol = request.headers.upgrade ?? '';
    handle(request, response, () => last.add(connection), { protocol, socket, first });
  });
  const address = await listen(server, options.host, options.port);
  return {
    address,
    drain() {
      draining = true;
    },
    renew: certificate => secure?.setSecureContext({ ...TLS, ...certificate }),
    close(graceMs) {
      draining = true;
      // node:http no longer counts connections that have changed their protocol: it
      // would wait for them for ever.
      const cut = world.after(graceMs, () => {
        for (const socket of tunnels) socket.destroy();
      });
      return closeServer(server, world, graceMs).finally(() => cut.cancel());
    },
  };
}

function settingsOf(options: ListenerServerOptions) {
  return {
    headersTimeout: 10_000,
    // The reader of a body bounds the time that it takes: an upload may go on as long as bytes
    // come.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
    ...listenerConnections,
    keepAliveTimeout: options.idleMs ?? listenerConnections.keepAliveTimeout,
    maxHeaderSize: 16_384,
    // We refuse a missing Host ourselves: node:http would answer 400 and still hand over what
    // follows on the connection.
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
    // A client that is gone without a word is found out, also where nothing is sent to it.
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
    // A request that may not change the protocol is answered over HTTP, as if it had not asked.
    shouldUpgradeCallback: (request: IncomingMessage) => options.mayUpgrade?.(request) ?? false,
  };
}

/** For a connection that node:http has let go of. */
function answerOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const { socket: connection } = request;
  const response = new (nodeHttp().ServerResponse)(request);
  response.assignSocket(connection);
  response.shouldKeepAlive = false;
  // The same as node:http does: it ends gently after the last answer.
  response.on('finish', () => connection.destroySoon());
  connection.on('error', () => socket.destroy());
  return response;
}
