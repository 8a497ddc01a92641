// One call of the admin API: sent with the token, its problem documents turned back into errors.
import { userInfo } from 'node:os';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import { readServerEvents, type ServerEvent } from '../../core/http/server-events.ts';
import { packageVersion } from '../../server/version.ts';
import { CommandError } from '../command-error.ts';
import type { PlatformTarget } from './find-platform.ts';

export type Query = Readonly<Record<string, string | undefined>>;

export interface AdminTarget extends Pick<PlatformTarget, 'admin' | 'token' | 'whyUnreachable' | 'findAgain'> {
  /** The program that asks, for the audit log; the command line without it. */
  readonly program?: string | undefined;
}

export interface AdminCaller {
  /** The answers are trusted to have the shapes of admin/: both sides are this package. */
  call<T>(method: string, where: string, query?: Query, body?: unknown, signal?: AbortSignal): Promise<T>;
  /**
   * For answers of one JSON document a line, that take as long as the work does; yields each line
   * as it comes. Ends without an error when `signal` aborts.
   */
  lines<T>(method: string, where: string, body: unknown, signal?: AbortSignal): AsyncGenerator<T>;
  /** Server-sent events, from after `lastId` on. */
  events(where: string, query: Query, lastId: string | undefined, signal?: AbortSignal): AsyncGenerator<ServerEvent>;
}

/** The longest silence of an answer that comes line by line. */
const SILENCE_MS = 120_000;

/** For the audit log of the platform. */
const callerOf = (program = 'tenfold') => `${program}/${packageVersion} (${userName()})`;

export function createAdminCaller(target: AdminTarget, timeoutMs: number): AdminCaller {
  const ask = askerOf(target);
  return {
    async call<T>(method: string, where: string, query?: Query, body?: unknown, signal?: AbortSignal) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const either = signal ? AbortSignal.any([timeout, signal]) : timeout;
      const { response, url } = await ask({ method, where, query, body }, either);
      if (response.status === 204) return undefined as T;
      const answer: unknown = await response.json().catch(() => undefined);
      if (response.ok && answer !== undefined) return answer as T;
      throw errorOf(response.status, answer, url);
    },
    async *lines<T>(method: string, where: string, body: unknown, signal?: AbortSignal) {
      let rest = '';
      for await (const chunk of textOf({ method, where, body }, signal)) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
      }
    },
    events: (where, query, lastId, signal) => readServerEvents(textOf({ method: 'GET', where, query, lastId }, signal)),
  };

  /** The text of an answer that takes long. Ends without an error when `signal` aborts. */
  async function* textOf(question: Question, signal?: AbortSignal): AsyncGenerator<string> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new DOMException('It is silent.', 'TimeoutError')), SILENCE_MS);
    let origin = new URL(target.admin).origin;
    try {
      const either = signal ? AbortSignal.any([silence.signal, signal]) : silence.signal;
      const { response, url } = await ask(question, either);
      origin = url.origin;
      if (!response.ok || !response.body) {
        throw errorOf(response.status, await response.json().catch(() => undefined), url);
      }
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        timer.refresh();
        yield chunk;
      }
    } catch (cause) {
      if (signal?.aborted) return;
      if (cause instanceof TenfoldError || cause instanceof CommandError) throw cause;
      throw new CommandError('platform-unreachable', `The platform at ${origin} has stopped to answer.`, { cause });
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }
}

interface Question {
  readonly method: string;
  readonly where: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  /** The event of a stream that is gone on from. */
  readonly lastId?: string | undefined;
}

interface Answer {
  readonly response: Response;
  readonly url: URL;
}

/**
 * Asks the platform, and looks for it again where it has started anew: it may have another address
 * and another token then. Nothing is asked for twice that the first one may have done.
 */
function askerOf(first: AdminTarget): (question: Question, signal: AbortSignal) => Promise<Answer> {
  let target = first;
  const asked = async (question: Question, signal: AbortSignal) => {
    const before = target;
    const answer = await send(before, question, signal).catch(error => new NoAnswer(error));
    const isKnown = answer instanceof NoAnswer ? !answer.mayRepeat(question) : answer.response.status !== 401;
    if (isKnown || signal.aborted) return answer;
    // Another call may have found it meanwhile.
    const found = target === before ? await before.findAgain?.().catch(() => undefined) : target;
    if (found === undefined || (found.admin === before.admin && found.token === before.token)) return answer;
    target = { ...found, program: before.program };
    if (!(answer instanceof NoAnswer)) await answer.response.body?.cancel();
    return send(target, question, signal);
  };
  return async (question, signal) => {
    const answer = await asked(question, signal);
    if (answer instanceof NoAnswer) throw answer.error;
    return answer;
  };
}

class NoAnswer {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }

  mayRepeat({ method }: Question): boolean {
    return method === 'GET' || isRefusal(this.error);
  }
}

/** No connection came about. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ECONNREFUSED') || isRefusal(error.cause);
}

async function send(
  { admin, token, whyUnreachable, program }: AdminTarget,
  { method, where, query = {}, body, lastId }: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(`api/${where}`, admin.endsWith('/') ? admin : `${admin}/`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  try {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'user-agent': callerOf(program),
        ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal,
    });
    return { response, url };
  } catch (cause) {
    const message = whyUnreachable?.() ?? `No platform answers at ${url.origin} (${reasonOf(cause)}).`;
    throw new CommandError('platform-unreachable', message, { cause });
  }
}

function errorOf(status: number, body: unknown, url: URL): Error {
  if (typeof body !== 'object' || body === null || !('type' in body)) {
    return new CommandError(
      'platform-unreachable',
      `What answers at ${url.origin} is not the admin API (status ${status}).`,
    );
  }
  return toError(status, body) ?? new TenfoldError('bad-gateway', `The admin API answered ${status}.`);
}

/** The error that a problem document was made of; undefined for other bodies. */
export function toError(status: number, body: unknown): TenfoldError | undefined {
  if (typeof body !== 'object' || body === null || !('type' in body)) return undefined;
  const code = String(body.type).split('#').at(-1) ?? '';
  const detail = 'detail' in body ? String(body.detail) : `The answer is ${status}.`;
  return new TenfoldError(isCode(code) ? code : 'bad-gateway', detail, { extensions: { ...body } });
}

function isCode(text: string): text is Code {
  return Object.hasOwn(errorCodes, text);
}

/** undici hides the interesting part of a failed fetch in the cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return 'code' in error && error.message === '' ? String(error.code) : error.message;
}

/** The user of this machine, in letters that a header takes. */
function userName(): string {
  try {
    return userInfo().username.replaceAll(/[^\w.@-]/g, '_');
  } catch {
    // A container may run as a number that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
