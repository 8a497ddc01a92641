// Calls to a Kubernetes API server: bounded in time, with refusals as errors, and watches as
// streams of events.
import { Agent, type Dispatcher } from 'undici';
import { callerConnections } from '../../core/http/keep-alive.ts';
import { retryAfterSeconds } from '../../core/retry/retry-after.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { KubeError, toKubeError, unreachable } from './kube-error.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StreamOptions extends CallOptions {
  readonly silenceMs: number;
  /** The server has agreed, though nothing may have come yet. */
  opened?(): void;
}

export interface KubeClient {
  /** The answer of the server, as JSON. Rejects with KubeError. */
  call(method: Method, path: string, options?: CallOptions): Promise<unknown>;
  /**
   * One JSON value for each line that comes. Ends when the server ends it; rejects with
   * KubeError when nothing comes for
   * `silenceMs`, or as soon as `signal` aborts.
   */
  stream(path: string, options: StreamOptions): AsyncIterable<unknown>;
  close(): Promise<void>;
}

const CONNECT_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 30_000;
/** No list is longer: lists are asked for in pages. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** etcd takes objects of up to 1.5 MiB. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

export function createKubeClient(access: ClusterAccess, userAgent: string): KubeClient {
  const agent = new Agent({
    ...callerConnections,
    // Over HTTP/2 all watches share one connection, and Node.js can send for ever, without bound,
    // when one that led nowhere is cut.
    allowH2: false,
    connect: {
      timeout: CONNECT_WITHIN_MS,
      keepAliveInitialDelay: 15_000,
      ...tlsOptionsOf(access),
    },
    maxResponseSize: -1,
  });

  async function send(method: Method, path: string, options: CallOptions, times: Times) {
    const { query = {}, body, contentType = 'application/json', accept = 'application/json' } = options;
    const token = await access.token?.();
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    return agent.request({
      origin: access.server,
      method,
      path: search.size === 0 ? path : `${path}?${search}`,
      headers: {
        accept,
        'user-agent': userAgent,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...times,
    });
  }

  return {
    async call(method, path, options = {}) {
      const what = `${method} ${path}`;
      const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
      try {
        const answer = await send(method, path, options, { signal });
        const body = parse(await textOf(answer.body, MAX_ANSWER_BYTES));
        if (answer.statusCode < 300) return body;
        throw toKubeError(what, answer.statusCode, body, retryAfterOf(answer));
      } catch (error) {
        options.signal?.throwIfAborted();
        throw error instanceof KubeError ? error : unreachable(what, error);
      }
    },
    async *stream(path, options) {
      const what = `GET ${path}`;
      const { signal, silenceMs } = options;
      try {
        const answer = await send('GET', path, options, {
          signal: signal ?? null,
          headersTimeout: ANSWER_WITHIN_MS,
          bodyTimeout: silenceMs,
        });
        if (answer.statusCode >= 300) {
          const body = parse(await textOf(answer.body, MAX_ANSWER_BYTES));
          throw toKubeError(what, answer.statusCode, body, retryAfterOf(answer));
        }
        options.opened?.();
        for await (const line of linesOf(answer.body)) yield parse(line);
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof KubeError ? error : unreachable(what, error);
      }
    },
    close: () => agent.destroy(),
  };
}

/** How a connection proves who the API server is, and who asks. */
export function tlsOptionsOf({ ca, clientCertificate, serverName, insecureSkipTlsVerify }: ClusterAccess) {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(clientCertificate ?? {}),
    rejectUnauthorized: insecureSkipTlsVerify !== true,
  };
}

interface Times {
  readonly signal: AbortSignal | null;
  readonly headersTimeout?: number;
  readonly bodyTimeout?: number;
}

type Body = Dispatcher.ResponseData['body'];

async function textOf(body: Body, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* linesOf(body: Body): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > MAX_LINE_BYTES) throw new Error(`a line has more than ${MAX_LINE_BYTES} bytes`);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function retryAfterOf({ headers }: Dispatcher.ResponseData): number | undefined {
  const value = headers['retry-after'];
  return retryAfterSeconds(typeof value === 'string' ? value : undefined, Date.now());
}
