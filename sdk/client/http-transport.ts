// The transport of real processes: HTTP/1.1 to the internal listener over connections
// that are kept and reused.
import type { IncomingMessage } from 'node:http';
import { NoAnswer, type Transport, type TransportResponse } from './transport.ts';

/**
 * An idle connection is dropped before the listener would drop it (its keep-alive is longer), so a
 * request does not meet a closing one.
 */
export const IDLE_MS = 4000;
const MAX_CONNECTIONS = 256;
/**
 * A machine that is down does not even refuse; without this limit a connection would be given up
 * after two minutes.
 */
const CONNECT_MS = 2000;
/** A larger answer belongs into a stream or a store, not into a value. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface KeyHeader {
  readonly name: string;
  /** Read for each request: keys are replaced. Without one the request carries none. */
  value(): string | undefined;
}

export interface ListenerAddress {
  /** E.g. `http://127.0.0.1:8081`. */
  readonly url: string;
  readonly keyHeader: KeyHeader | undefined;
  /** Longest time for a connection to be made, milliseconds. */
  readonly connectMs?: number;
}

// node:http, because the runtime has it loaded anyway: no start-up cost, and one internal hop
// differs little from undici's (bench/results/runtime-client.md).
export function createHttpTransport(address: ListenerAddress): Transport {
  // Not imported as a module: that would load all of fetch with it, 30 ms of every cold start.
  const { Agent, request: httpRequest } = process.getBuiltinModule('node:http');
  const { hostname, port, pathname } = new URL(address.url);
  const { connectMs = CONNECT_MS } = address;
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS, scheduling: 'lifo' });
  const base = pathname.replace(/\/$/, '');
  const host = hostname.replace(/^\[(.*)\]$/, '$1');

  return call =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = { ...call.headers };
      const key = address.keyHeader?.value();
      if (address.keyHeader && key !== undefined) headers[address.keyHeader.name] = key;
      if (call.body !== undefined) headers['content-length'] = Buffer.byteLength(call.body);
      let sent = false;
      const outgoing = httpRequest(
        { agent, host, port: port || 80, method: call.method, path: base + call.target, headers, signal: call.signal },
        incoming => collect(incoming, resolve, reject),
      );
      outgoing.once('socket', socket => {
        sent = !socket.connecting;
        if (sent) return;
        const giveUp = () => socket.destroy(new Error(`no connection to ${host} within ${connectMs} ms`));
        const timer = setTimeout(() => setImmediate(() => socket.connecting && giveUp()), connectMs);
        socket.once('close', () => clearTimeout(timer));
        socket.once('connect', () => {
          clearTimeout(timer);
          sent = true;
        });
      });
      outgoing.on('error', error => reject(call.signal.aborted ? call.signal.reason : toNoAnswer(error, sent)));
      outgoing.end(call.body);
    });
}

function collect(
  incoming: IncomingMessage,
  resolve: (response: TransportResponse) => void,
  reject: (error: unknown) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) incoming.destroy(new Error(`The answer is larger than ${MAX_ANSWER_BYTES} bytes.`));
    else chunks.push(chunk);
  });
  incoming.on('end', () => {
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
  });
  incoming.on('error', error => reject(toNoAnswer(error, true)));
  incoming.on('close', () => {
    if (incoming.complete) return;
    const message = 'the connection ended before the answer did';
    reject(new NoAnswer(message, { sent: true, cause: undefined }));
  });
}

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);

/** An answer that is not HTTP stays what it is. */
function toNoAnswer(error: Error, sent: boolean): Error {
  const code = 'code' in error ? String(error.code) : '';
  return sent && !BROKEN.has(code) ? error : new NoAnswer(error.message || code, { sent, cause: error });
}
