// The REST API of a gateway of OpenFaaS, of any edition: its requests, and
// the meaning of the answers.
import { readNumber, readText } from '../../api/kube-object.ts';
import { ProviderError } from '../provider.ts';
import { TAKEN } from './attempts.ts';
import { type GatewayAnswer, GatewayCalls, type GatewayOptions, textOf } from './gateway-calls.ts';

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

const COMMUNITY = 'faas-netes-ce';
/** It had made the Deployment by then, and leaves it. */
const SERVICE_FAILED = /^failed create Service/;

export function createOpenFaasGateway(options: GatewayOptions): OpenFaasGateway {
  return new HttpGateway(options);
}

class HttpGateway implements OpenFaasGateway {
  readonly #calls: GatewayCalls;
  readonly #namespace: string | undefined;
  /** Says in a body which namespace of OpenFaaS is meant. */
  readonly #where: { readonly namespace?: string };
  /** Says the same in a path. */
  readonly #query: string;

  constructor(options: GatewayOptions) {
    const { namespace } = options;
    this.#calls = new GatewayCalls(options);
    this.#namespace = namespace;
    this.#where = namespace === undefined ? {} : { namespace };
    this.#query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`;
  }

  async isCommunity(signal: AbortSignal): Promise<boolean> {
    const answer = await this.#calls.call('GET', '/system/info', undefined, signal);
    if (answer.status !== 200) throw this.#calls.unexpected('GET /system/info', answer);
    const provider = readText(answer.body, 'provider', 'provider');
    // While the provider behind it starts anew, the gateway knows nothing of the edition, and
    // answers 200.
    if (provider === undefined)
      throw new ProviderError(
        `The gateway of OpenFaaS (${this.#calls.root}) does not reach its provider (faas-netes) at the moment.`,
      );
    return provider === COMMUNITY;
  }

  async get(name: string, signal: AbortSignal): Promise<ReportedFunction | undefined> {
    const path = `/system/function/${name}${this.#query}`;
    const answer = await this.#calls.call('GET', path, undefined, signal);
    if (answer.status === 404) return undefined;
    const reported = answer.status === 200 ? toReportedFunction(answer.body) : undefined;
    if (!reported) throw this.#calls.unexpected(`GET ${path}`, answer);
    return reported;
  }

  create(fn: Deployed, signal: AbortSignal): Promise<Answered> {
    return this.#deploy('POST', fn, signal);
  }

  update(fn: Deployed, signal: AbortSignal): Promise<Answered> {
    return this.#deploy('PUT', fn, signal);
  }

  async scale(name: string, replicas: number, signal: AbortSignal): Promise<void> {
    const path = `/system/scale-function/${name}${this.#query}`;
    const answer = await this.#calls.call('POST', path, { serviceName: name, replicas, ...this.#where }, signal);
    this.#calls.assertTaken(`POST ${path}`, answer);
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const body = { functionName: name, ...this.#where };
    const answer = await this.#calls.call('DELETE', `/system/functions${this.#query}`, body, signal);
    this.#calls.assertTaken('DELETE /system/functions', answer, true);
  }

  async putSecret(name: string, value: string, signal: AbortSignal): Promise<void> {
    const secret = { name, value, ...this.#where };
    const changed = await this.#secrets('PUT', secret, signal);
    if (changed.status === TAKEN) return;
    if (changed.status !== 404) throw this.#calls.unexpected('PUT /system/secrets', changed);
    this.#calls.assertTaken('POST /system/secrets', await this.#secrets('POST', secret, signal));
  }

  async removeSecret(name: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#secrets('DELETE', { name, ...this.#where }, signal);
    this.#calls.assertTaken('DELETE /system/secrets', answer, true);
  }

  urlOf(name: string): string {
    return `${this.#calls.root}/function/${name}${this.#namespace === undefined ? '' : `.${this.#namespace}`}`;
  }

  close(): Promise<void> {
    return this.#calls.close();
  }

  async #deploy(method: 'POST' | 'PUT', fn: Deployed, signal: AbortSignal): Promise<Answered> {
    const answer = await this.#calls.call(method, '/system/functions', { ...fn, ...this.#where }, signal);
    const { status, body } = answer;
    if (status === TAKEN) return { is: 'taken' };
    if (status < 300) return { is: 'unsaid', status };
    if (status === 400) return { is: 'refused', why: textOf(body), half: SERVICE_FAILED.test(textOf(body)) };
    if (status === 404 && method === 'PUT') return { is: 'missing', why: textOf(body) };
    throw this.#calls.unexpected(`${method} /system/functions`, answer);
  }

  #secrets(method: string, secret: object, signal: AbortSignal): Promise<GatewayAnswer> {
    return this.#calls.call(method, '/system/secrets', secret, signal);
  }
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
