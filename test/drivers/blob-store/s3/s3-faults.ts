// An HTTP proxy before an S3 server that does what networks and servers do: refuses, cuts,
// changes and holds what passes.
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';

export type Fault =
  /** Answered instead of the server; without a body when there is no code. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code: string;
      readonly headers?: Record<string, string>;
    }
  /** The server gets it; its answer is lost. */
  | { readonly kind: 'lose' }
  /** So many bytes of the request arrive, then the connection is cut. */
  | { readonly kind: 'cut-request'; readonly bytes: number }
  /** So many bytes of the answer's body arrive, then the connection is cut. */
  | { readonly kind: 'cut-answer'; readonly bytes: number }
  /** A bit of the answer's body is another, there. */
  | { readonly kind: 'flip-answer'; readonly at: number }
  /** A bit of the request's body is another, there. */
  | { readonly kind: 'flip-request'; readonly at: number }
  /** Nothing is answered. */
  | { readonly kind: 'hang' };

export interface Asked {
  readonly method: string;
  /** Without the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export interface S3Faults {
  readonly port: number;
  readonly asked: readonly Asked[];
  /** Asked for each request; undefined: it passes. */
  decide(fault: ((asked: Asked) => Fault | undefined) | undefined): void;
  close(): Promise<void>;
}

export async function startS3Faults(target: number): Promise<S3Faults> {
  let decide: ((asked: Asked) => Fault | undefined) | undefined;
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const key = decodeURIComponent(path.split('/').slice(2).join('/'));
    const what = { method: request.method ?? '', key, query: new URLSearchParams(query), headers: request.headers };
    asked.push(what);
    pass(request, response, target, decide?.(what));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    port: address.port,
    asked,
    decide(fault) {
      decide = fault;
    },
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function pass(request: IncomingMessage, response: ServerResponse, port: number, fault: Fault | undefined): void {
  request.on('error', () => {});
  response.on('error', () => {});
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'answer') {
    request.resume();
    request.on('end', () => {
      response.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers });
      response.end(
        fault.code && `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>told so</Message></Error>`,
      );
    });
    return;
  }
  const upstream = send({
    port,
    host: '127.0.0.1',
    method: request.method,
    path: request.url,
    headers: request.headers,
  });
  upstream.on('error', () => response.destroy());
  upstream.on('response', answer => {
    answer.on('error', () => response.destroy());
    if (fault?.kind === 'lose') {
      answer.resume();
      answer.on('end', () => response.destroy());
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    let passed = 0;
    answer.on('data', (chunk: Buffer) => {
      if (response.destroyed) return;
      const bytes = fault?.kind === 'flip-answer' ? flipped(chunk, fault.at - passed) : chunk;
      const rest = fault?.kind === 'cut-answer' ? Math.max(0, fault.bytes - passed) : bytes.length;
      passed += bytes.length;
      response.write(bytes.subarray(0, rest));
      if (rest < bytes.length) response.socket?.end(() => response.destroy());
    });
    answer.on('end', () => response.end());
  });
  let arrived = 0;
  request.on('data', (chunk: Buffer) => {
    const bytes = fault?.kind === 'flip-request' ? flipped(chunk, fault.at - arrived) : chunk;
    arrived += chunk.length;
    if (fault?.kind === 'cut-request' && arrived >= fault.bytes) {
      upstream.destroy();
      request.destroy();
      return;
    }
    upstream.write(bytes);
  });
  request.on('end', () => upstream.end());
}

function flipped(chunk: Buffer, at: number): Buffer {
  if (at < 0 || at >= chunk.length) return chunk;
  const copy = Buffer.from(chunk);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
