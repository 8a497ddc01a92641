// The HTTP server under a door: limits against slow and oversized input, and a close that lets answers in flight end.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';

export interface DoorServerOptions {
  readonly world: World;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Longest time for a request to arrive whole, milliseconds; its route's timeout is usually shorter. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface DoorServer {
  /** e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /** True from the moment close was called. */
  readonly closing: boolean;
  /** Takes no new connections, lets answers in flight end for at most `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

export async function openDoor(options: DoorServerOptions): Promise<DoorServer> {
  const { world, host, handle } = options;
  let closing = false;
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 16_384,
      requireHostHeader: true,
      insecureHTTPParser: false,
      noDelay: true,
    },
    (request, response) => {
      // The client must not send its next request on a connection that is about to close.
      if (closing) response.shouldKeepAlive = false;
      handle(request, response);
    },
  );
  server.maxHeadersCount = 200;
  server.maxConnections = options.maxConnections;
  // 100 Continue is sent by whoever begins to read the body, so that a refusal comes before the upload.
  server.on('checkContinue', (request, response) => {
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue();
    });
    handle(request, response);
  });
  await listen(server, host, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    get closing() {
      return closing;
    },
    close(graceMs) {
      closing = true;
      return new Promise(resolve => {
        const cut = world.after(graceMs, () => server.closeAllConnections());
        server.close(() => {
          cut.cancel();
          resolve();
        });
        server.closeIdleConnections();
      });
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(toListenError(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function toListenError(error: Error, host: string, port: number): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new TenfoldError(
      'conflict',
      `Port ${port} on ${host} is taken by another process; stop it or choose another port.`,
      {
        cause: error,
      },
    );
  }
  if (code === 'EACCES') {
    return new TenfoldError(
      'forbidden',
      `Port ${port} on ${host} may not be opened by this user; choose one from 1024 on.`,
      {
        cause: error,
      },
    );
  }
  if (code === 'EADDRNOTAVAIL') {
    return new TenfoldError('conflict', `This machine has no address ${host}; choose another host.`, { cause: error });
  }
  return error;
}
