// Calls of the admin API of this process, by its own port. So a tool has the rights of whoever
// asked, and the audit log has what it does, as of any other call.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import { nodeHttp } from '../../core/http/node-http.ts';
import { AnsweredError, type ApiCalls, tookTooLong } from './api-calls.ts';

const TIMEOUT_MS = 30_000;
/** Answers have thousands of items at most; more would be a fault. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Fields about the request itself, and the cookies of the Console, which count for its pages. */
const DROPPED =
  /^(accept.*|connection|content-.*|cookie|expect|keep-alive|last-event-id|mcp-.*|origin|sec-.*|te|trailer|transfer-encoding|upgrade|user-agent)$/;

export function loopbackCalls(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  version: string,
  timeoutMs = TIMEOUT_MS,
): ApiCalls {
  const { localAddress: host, localPort: port, remoteAddress = 'unknown' } = socket;
  const askUntil = async (timeout: AbortSignal, { method, where, body, signal }: Question) => {
    const asked = body === undefined ? undefined : JSON.stringify(body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = nodeHttp().request(
        {
          host,
          port,
          method,
          path: `/api/${where}`,
          headers: {
            ...credentialsOf(headers),
            accept: 'application/json',
            'user-agent': `tenfold-mcp/${version} for ${remoteAddress}`,
            ...(asked === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(asked) }),
          },
          agent: false,
          signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
        },
        resolve,
      );
      sent.on('error', reject).end(asked);
    });
    const whole = await read(answer);
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return whole;
    throw toError(whole);
  };
  const ask = async (question: Question) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await askUntil(timeout, question);
    } catch (error) {
      if (!timeout.aborted || error instanceof TenfoldError) throw error;
      throw tookTooLong(question.method, question.where, timeoutMs);
    }
  };
  return {
    async call<T>(method: string, where: string, query = {}, body?: unknown, signal?: AbortSignal) {
      const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
      const search = new URLSearchParams(given).toString();
      const whole = await ask({ method, where: search === '' ? where : `${where}?${search}`, body, signal });
      return (whole === '' ? undefined : JSON.parse(whole)) as T;
    },
    async *lines<T>(method: string, where: string, body: unknown, signal?: AbortSignal) {
      const whole = await ask({ method, where, body, signal });
      for (const line of whole.split('\n')) if (line !== '') yield JSON.parse(line) as T;
    },
  };
}

interface Question {
  readonly method: string;
  readonly where: string;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

function credentialsOf(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (pair): pair is [string, string | string[]] => pair[1] !== undefined && !DROPPED.test(pair[0]),
    ),
  );
}

async function read(answer: IncomingMessage): Promise<string> {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) return;
    const message = `The answer has more than ${MOST_BYTES / 1024 / 1024} MiB. Ask for less, with a smaller "limit".`;
    answer.destroy(new TenfoldError('query-too-large', message));
  });
  return text(answer);
}

function toError(whole: string): Error {
  const problem = parse(whole);
  const code = String(problem?.type).split('#').at(-1) ?? '';
  if (!isCode(code)) return new TenfoldError('bad-gateway', 'The admin API gave an answer that is none of its own.');
  return new AnsweredError(code, String(problem?.detail ?? errorCodes[code].title));
}

function parse(whole: string): { readonly type?: unknown; readonly detail?: unknown } | undefined {
  try {
    return JSON.parse(whole);
  } catch {
    return undefined;
  }
}

function isCode(code: string): code is Code {
  return Object.hasOwn(errorCodes, code);
}
