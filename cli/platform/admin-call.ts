// One call of the admin API: sent with the token, its problem documents turned back into errors.
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import { CommandError } from '../command-error.ts';
import type { PlatformTarget } from './find-platform.ts';

export type Query = Readonly<Record<string, string | undefined>>;

export interface AdminCaller {
  /** The answers are trusted to have the shapes of admin/: both sides are this package. */
  call<T>(method: string, where: string, query?: Query, body?: unknown): Promise<T>;
  /**
   * For answers of one JSON document a line, that take as long as the work does; yields each line
   * as it comes.
   */
  lines<T>(method: string, where: string, body: unknown): AsyncGenerator<T>;
}

/** The longest silence of an answer that comes line by line. */
const SILENCE_MS = 120_000;

export function createAdminCaller(
  { admin, token }: Pick<PlatformTarget, 'admin' | 'token'>,
  timeoutMs: number,
): AdminCaller {
  const toUrl = (where: string, query: Query = {}) => {
    const url = new URL(`api/${where}`, admin.endsWith('/') ? admin : `${admin}/`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  };
  const ask = async (url: URL, method: string, body: unknown, signal: AbortSignal): Promise<Response> => {
    try {
      return await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal,
      });
    } catch (cause) {
      throw new CommandError('platform-unreachable', `No platform answers at ${url.origin} (${reasonOf(cause)}).`, {
        cause,
      });
    }
  };
  return {
    async call<T>(method: string, where: string, query?: Query, sent?: unknown) {
      const url = toUrl(where, query);
      const response = await ask(url, method, sent, AbortSignal.timeout(timeoutMs));
      if (response.status === 204) return undefined as T;
      const body: unknown = await response.json().catch(() => undefined);
      if (response.ok && body !== undefined) return body as T;
      throw errorOf(response.status, body, url);
    },
    async *lines<T>(method: string, where: string, sent: unknown) {
      const url = toUrl(where);
      const silence = new AbortController();
      const timer = setTimeout(() => silence.abort(new DOMException('It is silent.', 'TimeoutError')), SILENCE_MS);
      try {
        const response = await ask(url, method, sent, silence.signal);
        if (!response.ok || !response.body) {
          throw errorOf(response.status, await response.json().catch(() => undefined), url);
        }
        let rest = '';
        for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
          timer.refresh();
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
        }
      } catch (cause) {
        if (cause instanceof TenfoldError || cause instanceof CommandError) throw cause;
        throw new CommandError('platform-unreachable', `The platform at ${url.origin} has stopped to answer.`, {
          cause,
        });
      } finally {
        clearTimeout(timer);
        silence.abort();
      }
    },
  };
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
