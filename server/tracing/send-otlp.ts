// Sends OTLP requests one after the other. A collector that is away or hangs costs spans, and never
// more memory than those that wait.
import type { Agent, AgentOptions, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { callerAgent } from '../../core/http/keep-alive.ts';
import { nodeHttp, nodeHttps } from '../../core/http/node-http.ts';
import { parseRetryAfter } from '../../core/retry/retry-after.ts';

export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Resolves with undefined when the collector took it, else with why it did not. */
export type SendOtlp = (
  target: OtlpTarget,
  body: readonly Uint8Array[],
  signal: AbortSignal,
) => Promise<string | undefined>;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** The statuses after which the specification lets a client try again. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const PAUSES_MS = [250, 1000, 2500];
const MAX_PAUSE_MS = 5000;
/** Characters of an answer that anybody reads. */
const MOST_TEXT = 1000;
/** For so long the rest of an answer is read, once its status is there. */
const TEXT_MS = 1000;
const LATE = 'no answer in time';

/**
 * A sender keeps its connections. It uses node:http and not fetch, which copies each body twice:
 * the copies made the thread collect garbage for longer than it sent.
 */
export function createOtlpSender(): SendOtlp {
  const agents = new Map<string, Agent>();
  const agentOf = (protocol: string) => {
    const { Agent } = protocol === 'https:' ? nodeHttps() : nodeHttp();
    const agent = agents.get(protocol) ?? new Agent({ ...callerAgent, ...proxyOptions() });
    agents.set(protocol, agent);
    return agent;
  };
  return async (target, body, signal) => {
    for (let attempt = 0; ; attempt++) {
      let problem: string;
      let asked = 0;
      let isFinal = false;
      try {
        const { status, text, retryAfter } = await post(target, body, signal, agentOf(new URL(target.url).protocol));
        if (status >= 200 && status < 300) return undefined;
        problem = `The collector answered ${status}${/^[\x20-\x7e]{1,200}$/.test(text) ? `: ${text}` : '.'}`;
        isFinal = !RETRYABLE.has(status);
        asked = parseRetryAfter(retryAfter, Date.now()) ?? 0;
      } catch (error) {
        if (signal.aborted) return 'The process ended before the collector took them.';
        problem = reasonOf(error, target.timeoutMs);
      }
      const wait = PAUSES_MS[attempt];
      if (isFinal || wait === undefined) return problem;
      try {
        await pause(Math.min(MAX_PAUSE_MS, Math.max(wait, asked)), undefined, { signal });
      } catch {
        return problem;
      }
    }
  };
}

/** An agent of our own would ignore `NODE_USE_ENV_PROXY` and `--use-env-proxy`. */
function proxyOptions(): Pick<AgentOptions, 'proxyEnv'> {
  const { options }: Agent & { readonly options?: AgentOptions } = nodeHttp().globalAgent;
  return options?.proxyEnv === undefined ? {} : { proxyEnv: options.proxyEnv };
}

function post(
  { url, headers, timeoutMs }: OtlpTarget,
  body: readonly Uint8Array[],
  signal: AbortSignal,
  agent: Agent,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { request: begin } = url.startsWith('https:') ? nodeHttps() : nodeHttp();
  const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-protobuf', 'content-length': length },
    agent,
    signal,
  };
  let isAnswered = false;
  const request = begin(url, options, answer => {
    isAnswered = true;
    readAnswer(request, answer).then(resolve, reject);
  });
  const timer = setTimeout(() => {
    const late = new Error(LATE);
    // A request whose connection was taken from it has no error of its own any more.
    if (!isAnswered) reject(late);
    request.destroy(late);
  }, timeoutMs);
  // A collector that refuses a body may close the connection while that is on its way. Its answer
  // counts, and not the broken connection.
  request.on('error', error => {
    if (!isAnswered) reject(error);
  });
  request.cork();
  for (const piece of body) request.write(piece);
  request.end();
  return promise.finally(() => clearTimeout(timer));
}

/**
 * The status decides, also where its text is cut off or does not end. The body must not change
 * before it is on its way, so a request that nobody reads to its end is broken off.
 */
async function readAnswer(request: ClientRequest, answer: IncomingMessage): Promise<Answer> {
  let text = '';
  const timer = setTimeout(() => answer.destroy(), TEXT_MS);
  answer.setEncoding('utf8');
  try {
    for await (const piece of answer) if (text.length < MOST_TEXT) text += piece;
  } catch {
    // The part of the text that came stays.
  } finally {
    clearTimeout(timer);
  }
  if (!request.writableFinished) request.destroy();
  return { status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], text };
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { message = '', name = '' } = error instanceof Error ? error : {};
  if (message === LATE) return `The collector did not answer within ${timeoutMs} ms.`;
  return `The collector cannot be reached (${message || name}).`;
}
