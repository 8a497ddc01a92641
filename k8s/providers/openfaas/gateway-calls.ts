// Calls of the REST API of a gateway of OpenFaaS: with its credentials, bounded in time and size,
// and with errors that say what to do.

import { Agent } from 'undici';
import { callerConnections } from '../../../core/http/keep-alive.ts';
import { withoutTrailingSlashes } from '../../../core/paths/trailing-slashes.ts';
import { ProviderError } from '../provider.ts';
import { TAKEN } from './attempts.ts';

export interface GatewayOptions {
  /** Such as `http://gateway.openfaas:8080`. */
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** The namespace of OpenFaaS for Functions; undefined where it has one alone. */
  readonly namespace?: string | undefined;
  /** The time limit of each call; milliseconds. */
  readonly timeoutMs?: number | undefined;
}

export interface GatewayAnswer {
  readonly status: number;
  /** JSON, or the text of what is none. */
  readonly body: unknown;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

export class GatewayCalls {
  /** The address of the gateway, without a slash at its end. */
  readonly root: string;
  readonly #origin: string;
  readonly #base: string;
  readonly #authorization: string | undefined;
  readonly #timeoutMs: number;
  readonly #agent: Agent;

  constructor({ url, credentials, timeoutMs = TIMEOUT_MS }: GatewayOptions) {
    this.root = withoutTrailingSlashes(url);
    const { origin, pathname } = new URL(this.root);
    this.#origin = origin;
    this.#base = pathname === '/' ? '' : pathname;
    this.#authorization =
      credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      ...callerConnections,
      allowH2: false,
      connect: { timeout: timeoutMs },
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  /** Rejects with ProviderError when no answer comes. */
  async call(method: string, path: string, body: unknown, signal: AbortSignal): Promise<GatewayAnswer> {
    try {
      const answer = await this.#agent.request({
        origin: this.#origin,
        method,
        path: `${this.#base}${path}`,
        headers: {
          accept: 'application/json',
          ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      });
      return { status: answer.statusCode, body: parse(await answer.body.text()) };
    } catch (error) {
      signal.throwIfAborted();
      throw new ProviderError(`The gateway of OpenFaaS (${this.root}) does not answer: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** The error for all unexpected answers. */
  unexpected(what: string, { status, body }: GatewayAnswer): ProviderError {
    if (status === 401 || status === 403)
      return new ProviderError(
        `The gateway of OpenFaaS (${this.root}) does not take the operator's credentials (${status}). See its configuration, openfaas.username and openfaas.password.`,
      );
    return new ProviderError(`The gateway of OpenFaaS (${this.root}) answered ${what} with ${status}: ${textOf(body)}`);
  }

  /**
   * Checks calls that the gateway takes with 202 alone; `orGone`: a missing function is as good.
   */
  assertTaken(what: string, answer: GatewayAnswer, orGone = false): void {
    if (answer.status !== TAKEN && !(orGone && answer.status === 404)) throw this.unexpected(what, answer);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** The text of an answer, for people. */
export function textOf(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.trim().slice(0, 500);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.message || error.name}${code}`;
}
