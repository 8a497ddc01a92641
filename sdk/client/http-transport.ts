// The transport of real processes: HTTP/1.1 to the internal doors over connections that are kept and reused.
import type { IncomingMessage } from 'node:http';
import type { DoorRequest, DoorResponse, Transport } from './transport.ts';

/** An idle connection is dropped before the doors would (their keep-alive is longer), so a request does not meet a closing one. */
const IDLE_MS = 4000;
const MAX_CONNECTIONS = 256;
/** A larger answer belongs into a stream or a store, not into a value. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface DoorAddress {
  /** E.g. `http://127.0.0.1:8081`. */
  readonly url: string;
  readonly keyHeader: readonly [name: string, value: string] | undefined;
}

// node:http, because the runtime has it loaded anyway: no start-up cost, and one internal hop differs little from undici's
// (bench/results/runtime-client.md).
export function createHttpTransport(address: DoorAddress): Transport {
  // Not imported as a module: that would load all of fetch with it, 30 ms of every cold start.
  const { Agent, request: httpRequest } = process.getBuiltinModule('node:http');
  const { hostname, port, pathname } = new URL(address.url);
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS, scheduling: 'lifo' });
  const base = pathname.replace(/\/$/, '');
  const host = hostname.replace(/^\[(.*)\]$/, '$1');

  function send(door: DoorRequest, mayRepeat: boolean): Promise<DoorResponse> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = { ...door.headers };
      if (address.keyHeader) headers[address.keyHeader[0]] = address.keyHeader[1];
      if (door.body !== undefined) headers['content-length'] = Buffer.byteLength(door.body);
      const outgoing = httpRequest(
        { agent, host, port: port || 80, method: door.method, path: base + door.target, headers, signal: door.signal },
        incoming => collect(incoming, resolve, reject),
      );
      outgoing.on('error', error => {
        // The doors closed an idle connection at the very moment it was reused: nothing was processed.
        const stale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        if (stale && mayRepeat && !door.signal.aborted) resolve(send(door, false));
        else reject(door.signal.aborted ? door.signal.reason : error);
      });
      outgoing.end(door.body);
    });
  }
  return door => send(door, isIdempotent(door));
}

function collect(
  incoming: IncomingMessage,
  resolve: (response: DoorResponse) => void,
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
  incoming.on('error', reject);
  incoming.on('close', () => {
    if (!incoming.complete) reject(new Error('The connection ended before the answer did.'));
  });
}

/** RFC 9110 §9.2.2: only these may be sent again when it is not known whether they arrived. */
function isIdempotent(door: DoorRequest): boolean {
  return ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'].includes(door.method) || 'idempotency-key' in door.headers;
}
