// The REST API of a gateway of OpenFaaS, of any edition: requests, bounded in time, and the meaning
// of the answers.
import { Agent } from 'undici';
import { readNumber, readText } from '../../api/kube-object.ts';
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

/** A function as the gateway takes it. */
export interface Deployed {
  readonly service: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A function as the gateway reports it. */
export interface ReportedFunction {
  readonly image: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The wanted number of replicas. */
  readonly replicas: number;
  readonly availableReplicas: number;
}

export interface OpenFaasGateway {
  /** Whether it is the Community Edition, which does not scale to zero. */
  isCommunity(signal: AbortSignal): Promise<boolean>;
  get(name: string, signal: AbortSignal): Promise<ReportedFunction | undefined>;
  create(fn: Deployed, signal: AbortSignal): Promise<Answered>;
  update(fn: Deployed, signal: AbortSignal): Promise<Answered>;
  scale(name: string, replicas: number, signal: AbortSignal): Promise<void>;
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Makes a Secret, or gives the one of that name another value. */
  putSecret(name: string, value: string, signal: AbortSignal): Promise<void>;
  /** Succeeds also when there is none. */
  removeSecret(name: string, signal: AbortSignal): Promise<void>;
  /** The address of a function. */
  urlOf(name: string): string;
  close(): Promise<void>;
}

/**
 * The answer of the gateway to a function that it was to make or change. It takes one with 202 and
 * nothing else. It answers a change that failed with 200 and an empty body, unless something was
 * not found.
 */
export type Answered =
  | { readonly is: 'taken' }
  /** `half`: a part of it was made all the same, and nothing reaches that. */
  | { readonly is: 'refused'; readonly why: string; readonly half: boolean }
  /** It, or a part of it, is not there to be changed. */
  | { readonly is: 'missing'; readonly why: string }
  | { readonly is: 'unsaid'; readonly status: number };

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const COMMUNITY = 'faas-netes-ce';
/** It had made the Deployment by then, and leaves it. */
const SERVICE_FAILED = /^failed create Service/;

export function createOpenFaasGateway(options: GatewayOptions): OpenFaasGateway {
  const { credentials, namespace, timeoutMs = TIMEOUT_MS } = options;
  const root = options.url.replace(/\/+$/, '');
  const { origin, pathname } = new URL(root);
  const base = pathname === '/' ? '' : pathname;
  const agent = new Agent({ allowH2: false, connect: { timeout: timeoutMs }, maxResponseSize: MAX_ANSWER_BYTES });
  const where = namespace === undefined ? {} : { namespace };
  const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`;
  const authorization =
    credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;

  async function call(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    try {
      const answer = await agent.request({
        origin,
        method,
        path: `${base}${path}`,
        headers: {
          accept: 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      return { status: answer.statusCode, body: parse(await answer.body.text()) };
    } catch (error) {
      signal.throwIfAborted();
      throw new ProviderError(`The gateway of OpenFaaS (${root}) does not answer: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  /** The error for all unexpected answers. */
  function unexpected(what: string, { status, body }: Answer): ProviderError {
    if (status === 401 || status === 403)
      return new ProviderError(
        `The gateway of OpenFaaS (${root}) does not take the operator's credentials (${status}). See its configuration, openfaas.username and openfaas.password.`,
      );
    return new ProviderError(`The gateway of OpenFaaS (${root}) answered ${what} with ${status}: ${textOf(body)}`);
  }

  async function deploy(method: 'POST' | 'PUT', fn: Deployed, signal: AbortSignal): Promise<Answered> {
    const answer = await call(method, '/system/functions', { ...fn, ...where }, signal);
    const { status, body } = answer;
    if (status === TAKEN) return { is: 'taken' };
    if (status < 300) return { is: 'unsaid', status };
    if (status === 400) return { is: 'refused', why: textOf(body), half: SERVICE_FAILED.test(textOf(body)) };
    if (status === 404 && method === 'PUT') return { is: 'missing', why: textOf(body) };
    throw unexpected(`${method} /system/functions`, answer);
  }

  /**
   * Checks calls that the gateway takes with 202 alone; `orGone`: a missing function is as good.
   */
  function assertTaken(what: string, answer: Answer, orGone = false): void {
    if (answer.status !== TAKEN && !(orGone && answer.status === 404)) throw unexpected(what, answer);
  }

  return {
    async isCommunity(signal) {
      const answer = await call('GET', '/system/info', undefined, signal);
      if (answer.status !== 200) throw unexpected('GET /system/info', answer);
      const provider = readText(answer.body, 'provider', 'provider');
      // While the provider behind it starts anew, the gateway knows nothing of the edition, and
      // answers 200.
      if (provider === undefined)
        throw new ProviderError(
          `The gateway of OpenFaaS (${root}) does not reach its provider (faas-netes) at the moment.`,
        );
      return provider === COMMUNITY;
    },
    async get(name, signal) {
      const path = `/system/function/${name}${query}`;
      const answer = await call('GET', path, undefined, signal);
      if (answer.status === 404) return undefined;
      const reported = answer.status === 200 ? toReportedFunction(answer.body) : undefined;
      if (!reported) throw unexpected(`GET ${path}`, answer);
      return reported;
    },
    create: (fn, signal) => deploy('POST', fn, signal),
    update: (fn, signal) => deploy('PUT', fn, signal),
    async scale(name, replicas, signal) {
      const path = `/system/scale-function/${name}${query}`;
      const answer = await call('POST', path, { serviceName: name, replicas, ...where }, signal);
      assertTaken(`POST ${path}`, answer);
    },
    async remove(name, signal) {
      const answer = await call('DELETE', `/system/functions${query}`, { functionName: name, ...where }, signal);
      assertTaken('DELETE /system/functions', answer, true);
    },
    async putSecret(name, value, signal) {
      const secret = { name, value, ...where };
      const changed = await call('PUT', '/system/secrets', secret, signal);
      if (changed.status === TAKEN) return;
      if (changed.status !== 404) throw unexpected('PUT /system/secrets', changed);
      assertTaken('POST /system/secrets', await call('POST', '/system/secrets', secret, signal));
    },
    async removeSecret(name, signal) {
      const answer = await call('DELETE', '/system/secrets', { name, ...where }, signal);
      assertTaken('DELETE /system/secrets', answer, true);
    },
    urlOf: name => `${root}/function/${name}${namespace === undefined ? '' : `.${namespace}`}`,
    close: () => agent.destroy(),
  };
}

function toReportedFunction(body: unknown): ReportedFunction | undefined {
  const image = readText(body, 'image');
  if (image === undefined) return undefined;
  const annotations = typeof body === 'object' && body !== null && 'annotations' in body ? body.annotations : {};
  return {
    image,
    annotations: Object.fromEntries(Object.entries(annotations ?? {}).filter(([, value]) => typeof value === 'string')),
    replicas: readNumber(body, 'replicas') ?? 0,
    // Left out when there are none.
    availableReplicas: readNumber(body, 'availableReplicas') ?? 0,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.trim().slice(0, 500);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.message || error.name}${code}`;
}
