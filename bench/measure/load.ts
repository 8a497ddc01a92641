// A load generator that costs little itself: raw sockets, one request in flight on each,
// answers counted by their length.
import { connect, type Socket } from 'node:net';

/**
 * A server that is silent for so long, or whose answer is shorter than the first was, ends the run.
 */
const SILENT_MS = 30_000;

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** The same each time, or the next one. */
  readonly request: Buffer | (() => Buffer);
  /** Status that every answer has; 200 when absent. */
  readonly status?: number;
  /**
   * Whether answers differ in length, such as by a count in their head:
   * each is then read for itself.
   */
  readonly varying?: boolean;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Latencies of all answers, in no order. */
  readonly latenciesMs: readonly number[];
}

export function toRequest(method: string, path: string, body?: string, fields: readonly string[] = []): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'host: bench.test', 'accept: application/json', 'user-agent: bench'];
  head.push(...fields);
  if (body !== undefined) head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** Keeps `connections` requests in flight for `durationMs`. Rejects on any other status. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const started = performance.now();
  const until = started + options.durationMs;
  const latenciesMs: number[] = [];
  await Promise.all(Array.from({ length: options.connections }, () => drive(options, until, latenciesMs)));
  return { requests: latenciesMs.length, seconds: (performance.now() - started) / 1000, latenciesMs };
}

function drive(
  { port, request, varying, status = 200 }: LoadOptions,
  until: number,
  latenciesMs: number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true, timeout: SILENT_MS });
    let sentAt = 0;
    let expected = 0;
    let received: Buffer = Buffer.alloc(0);
    let size = 0;
    const send = () => {
      sentAt = performance.now();
      socket.write(typeof request === 'function' ? request() : request);
    };
    socket.on('connect', send);
    socket.on('data', chunk => {
      size += chunk.length;
      if (expected === 0) {
        received = Buffer.concat([received, chunk]);
        expected = lengthOf(received, status);
        if (expected === 0) return;
      }
      if (size < expected) return;
      const now = performance.now();
      latenciesMs.push(now - sentAt);
      size = 0;
      if (varying) {
        expected = 0;
        received = Buffer.alloc(0);
      }
      if (now < until) return send();
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
    socket.on('timeout', () =>
      socket.destroy(new Error(`no whole answer within ${SILENT_MS} ms: say varying where answers differ in length`)),
    );
    socket.on('close', () =>
      reject(new Error(`the server closed the connection: ${received.toString().slice(0, 300)}`)),
    );
  });
}

/**
 * Length of a whole answer, or 0 while it is not known; all later answers on the connection have
 * the same unless they vary.
 */
function lengthOf(received: Buffer, status: number): number {
  const text = received.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return 0;
  if (!text.startsWith(`HTTP/1.1 ${status}`)) throw new Error(`not ${status}: ${text}`);
  if (status === 204) return end + 4;
  const declared = /content-length: (\d+)/i.exec(text)?.[1];
  if (declared !== undefined) return end + 4 + Number(declared);
  const last = text.indexOf('0\r\n\r\n', end + 4);
  return last === -1 ? 0 : last + 5;
}
