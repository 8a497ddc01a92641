// Calls to one repository of a registry (OCI distribution-spec v1.1): authorised, bounded in time,
// tried again where that helps.
import { Agent, type Dispatcher } from 'undici';
import { TenfoldError } from '../../core/errors.ts';
import { callerConnections } from '../../core/http/keep-alive.ts';
import { pauseAfter } from '../../core/retry/backoff.ts';
import { parseRetryAfter } from '../../core/retry/retry-after.ts';
import type { World } from '../../core/world.ts';
import { authorize, parseChallenge } from './authorize.ts';
import type { Credentials } from './credentials.ts';
import { addressOf, type Reference } from './reference.ts';

export interface RegistryOptions {
  readonly world: Pick<World, 'random' | 'now'>;
  /** Waits before something is tried again. Must keep the process alive meanwhile. */
  pause(ms: number): Promise<unknown>;
  readonly signal: AbortSignal;
  readonly credentials: Credentials | undefined;
  /** Over HTTP, for other registries than those of the own machine. */
  readonly insecure: boolean;
}

export interface RegistryCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  /** Below the repository, such as `manifests/latest`, or a whole URL that the registry gave. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Other answers below 500 are refusals. */
  readonly expected: readonly number[];
  /** The name of the request in an error. */
  readonly what: string;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface RegistryClient {
  readonly reference: Reference;
  /** The address of the registry, such as `https://ghcr.io`. */
  readonly origin: string;
  call(call: RegistryCall): Promise<RegistryAnswer>;
  close(): Promise<void>;
}

const CONNECT_WITHIN_MS = 15_000;
/** The time limit of one chunk, which a slow connection needs. */
const ANSWER_WITHIN_MS = 120_000;
const TRIES = 4;
const PAUSES = { base: 500, max: 30_000 };
const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_REDIRECTS = 5;

export function createRegistryClient(
  reference: Reference,
  actions: 'pull' | 'pull,push',
  options: RegistryOptions,
): RegistryClient {
  const { world, credentials, insecure } = options;
  const { registry, repository } = reference;
  const origin = addressOf(registry, insecure);
  const dispatcher = new Agent({ ...callerConnections, allowH2: false, connect: { timeout: CONNECT_WITHIN_MS } });
  let authorization: string | undefined;

  async function once(call: RegistryCall, signal: AbortSignal): Promise<RegistryAnswer> {
    let url = new URL(/^https?:/.test(call.path) ? call.path : `${origin}/v2/${repository}/${call.path}`);
    for (let step = 0; step <= MAX_REDIRECTS; step++) {
      // Blobs are often elsewhere, at signed addresses: a server there must not learn our token.
      const ours = url.origin === origin;
      const answer = await send(url, call, ours ? authorization : undefined, signal);
      if (answer.status === 401 && ours && authorization === undefined) {
        const challenge = parseChallenge(answer.headers['www-authenticate'] ?? '');
        if (challenge === undefined)
          throw new TenfoldError('unauthenticated', `${registry} asks who is there in a way that is not known.`);
        const scope = `repository:${repository}:${actions}`;
        authorization = await authorize({ dispatcher, registry, challenge, credentials, scope, signal });
        step--;
        continue;
      }
      const { location } = answer.headers;
      if (!REDIRECTS.includes(answer.status) || location === undefined || call.body !== undefined) return answer;
      url = new URL(location, url);
    }
    throw new TenfoldError('bad-gateway', `${registry} sends from one address to the next without end (${call.what}).`);
  }

  async function send(
    url: URL,
    { method, headers, body }: RegistryCall,
    credential: string | undefined,
    signal: AbortSignal,
  ): Promise<RegistryAnswer> {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...headers, ...(credential === undefined ? {} : { authorization: credential }) },
      ...(body === undefined ? {} : { body }),
      signal,
    });
    return {
      status: answer.statusCode,
      headers: flat(answer.headers),
      body: new Uint8Array(await answer.body.arrayBuffer()),
    };
  }

  return {
    reference,
    origin,
    async call(call) {
      for (let attempt = 1; ; attempt++) {
        const signal = AbortSignal.any([options.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
        let failure: TenfoldError;
        let after: number | undefined;
        try {
          const answer = await once(call, signal);
          if (call.expected.includes(answer.status)) return answer;
          // Tokens live for minutes, uploads may take longer.
          if (answer.status === 401 && attempt === 1 && authorization !== undefined) {
            authorization = undefined;
            continue;
          }
          failure = refusal(registry, call, answer);
          if (!failure.retryable) throw failure;
          after = parseRetryAfter(answer.headers['retry-after'], world.now());
        } catch (error) {
          options.signal.throwIfAborted();
          if (error instanceof TenfoldError && !error.retryable) throw error;
          const reason = error instanceof Error ? error.message : String(error);
          failure = new TenfoldError('bad-gateway', `${call.what}: ${registry} did not answer: ${reason}`, {
            cause: error,
          });
        }
        if (attempt === TRIES) throw failure;
        const pause = after ?? pauseAfter(attempt, PAUSES, world.random());
        await options.pause(Math.min(pause, PAUSES.max));
        options.signal.throwIfAborted();
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function refusal(registry: string, { what }: RegistryCall, { status, body }: RegistryAnswer): TenfoldError {
  const said = reasonOf(body) ?? `status ${status}`;
  const message = `${what}: ${registry} refused it: ${said}.`;
  if (status === 401) return new TenfoldError('unauthenticated', `${message} Log in with "docker login ${registry}".`);
  if (status === 403) return new TenfoldError('forbidden', message);
  if (status === 404) return new TenfoldError('not-found', message);
  if (status === 429) return new TenfoldError('too-many-requests', message);
  return status >= 500 ? new TenfoldError('bad-gateway', message) : new TenfoldError('bad-request', message);
}

/** `{ errors: [{ code, message }] }` */
function reasonOf(body: Uint8Array): string | undefined {
  try {
    const { errors } = JSON.parse(new TextDecoder().decode(body)) as { errors?: { code?: string; message?: string }[] };
    const [first] = errors ?? [];
    return first && [first.code, first.message].filter(Boolean).join(', ');
  } catch {
    return undefined;
  }
}

function flat(headers: Dispatcher.ResponseData['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
