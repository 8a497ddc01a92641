// A gateway of OpenFaaS that answers as the source of the Community Edition says (gateway of July
// 2026, faas-netes of May 2026), oddities included.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeOpenFaas {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** By name, as they were deployed. */
  readonly functions: Map<string, FakeFunction>;
  /** Values by name. */
  readonly secrets: Map<string, string>;
  /** `METHOD path` of each call, those without or with wrong credentials included. */
  readonly calls: string[];
  /** What every call is answered with while it is set, such as 503. */
  broken: number | undefined;
  readonly faults: FakeFaults;
  close(): Promise<void>;
}

export interface FakeFunction {
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly deployed: any;
  replicas: number;
  /** Those that answer; set by tests, as the pods do in a cluster. */
  available: number;
  /** Its pods are going: it is still told of until `gone`. */
  deleted: boolean;
}

export interface FakeFaults {
  /** Images that cannot be pulled without credentials. */
  readonly privateImages: Set<string>;
  /** What the API server says to every change of a Deployment, such as a quota or a conflict. */
  apiServer: string | undefined;
  /** Deployments are made, their Services are not. */
  services: string | undefined;
  /** faas-netes starts anew: the gateway is there, and what stands behind it is not. */
  providerAway: boolean;
  /** Told of instead of every image, as where a webhook changes them. */
  mirror: string | undefined;
}

export interface FakeOptions {
  readonly community?: boolean;
  /** Whether Secrets that a function names must be there; they are where they are left out. */
  readonly looksForSecrets?: boolean;
  /** Where it listens; without it any free port. */
  readonly port?: number;
}

const MAX_REPLICAS = 5;
const MAX_FUNCTIONS = 15;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const REFUSED_LABELS = ['scale.zero-duration', 'scale.target', 'scale.type'].map(name => `com.openfaas.${name}`);

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const USERNAME = 'admin';
const PASSWORD = 'a-password-of-tests';
const EXPECTED = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`;

const minOf = (deployed: FakeFunction['deployed']) => Number(deployed.labels?.['com.openfaas.scale.min'] ?? 1);

/** As ValidateDeployRequest says: what is wrong with the request itself. */
function invalid({ service = '', image, labels = {} }: FakeFunction['deployed'], community: boolean) {
  const no = (why: string) => `validation failed: ${why}`;
  if (service === '') return no('service: is required');
  if (!LABEL.test(service)) return no(`service: (${service}) is invalid, must be a valid DNS entry`);
  if (!image) return no('image: is required');
  if (!community) return undefined;
  const zero = labels['com.openfaas.scale.zero'] === 'true' ? 'com.openfaas.scale.zero' : undefined;
  const label = zero ?? REFUSED_LABELS.find(name => name in labels);
  if (label) return no(`${label} not available for Community Edition`);
  const high = ['max', 'min'].find(name => Number(labels[`com.openfaas.scale.${name}`]) > MAX_REPLICAS);
  return high && no(`com.openfaas.scale.${high} is set too high for Community Edition`);
}

/** What the gateway keeps, and how it answers each path of its API. */
class Gateway {
  readonly functions = new Map<string, FakeFunction>();
  readonly secrets = new Map<string, string>();
  readonly faults: FakeFaults = {
    privateImages: new Set(),
    apiServer: undefined,
    services: undefined,
    providerAway: false,
    mirror: undefined,
  };
  readonly #community: boolean;
  readonly #looksForSecrets: boolean;

  constructor(community: boolean, looksForSecrets: boolean) {
    this.#community = community;
    this.#looksForSecrets = looksForSecrets;
  }

  answer(method: string, path: string, text: string): Answer {
    let sent: FakeFunction['deployed'] = {};
    try {
      if (text !== '') sent = JSON.parse(text);
    } catch {
      return { status: 400, body: 'unable to unmarshal request: invalid character' };
    }
    if (this.faults.providerAway)
      return path === '/system/info' ? { status: 200, body: { provider: null } } : { status: 502 };
    const [, , kind, name = ''] = path.split('/');
    if (path === '/system/info') return { status: 200, body: this.#info() };
    if (path === '/system/namespaces') return { status: 200, body: ['openfaas-fn'] };
    if (kind === 'function') {
      const found = this.functions.get(name);
      return found ? { status: 200, body: this.#told(found) } : { status: 404 };
    }
    if (kind === 'scale-function') return this.#scale(name, sent);
    if (path === '/system/secrets') return this.#keepSecret(method, sent);
    if (path !== '/system/functions') return { status: 404, body: '404 page not found' };
    if (method === 'GET') return { status: 200, body: [...this.functions.values()].map(one => this.#told(one)) };
    if (method === 'DELETE') return this.#remove(sent.service ?? sent.functionName);
    const wrong = invalid(sent, this.#community);
    if (wrong !== undefined) return { status: 400, body: wrong };
    return method === 'POST' ? this.#make(sent) : this.#change(sent);
  }

  #info() {
    const provider = this.#community ? 'faas-netes-ce' : 'faas-netes';
    const version = { release: '0.27.5', sha: '0' };
    return { provider: { provider, version, orchestration: 'kubernetes' }, version, arch: '' };
  }

  #told({ deployed, replicas, available }: FakeFunction) {
    return {
      name: deployed.service,
      image: this.faults.mirror ?? deployed.image,
      namespace: 'openfaas-fn',
      labels: deployed.labels,
      annotations: deployed.annotations,
      requests: deployed.requests,
      replicas,
      ...(available === 0 ? {} : { availableReplicas: available }),
      createdAt: '2026-01-01T00:00:00Z',
    };
  }

  /** Found while it is made. A PUT says nothing of it. */
  #fault(deployed: FakeFunction['deployed']): string | undefined {
    const missing = this.#looksForSecrets && deployed.secrets?.find((name: string) => !this.secrets.has(name));
    if (missing) return `unable to fetch secrets: secrets "${missing}" not found`;
    if (this.#community && this.faults.privateImages.has(deployed.image))
      return 'the Community Edition license agreement only allows public images';
    return undefined;
  }

  #make(sent: FakeFunction['deployed']): Answer {
    const why = this.#fault(sent);
    if (why !== undefined) return { status: 400, body: why };
    if (this.#community && this.functions.size + 1 > MAX_FUNCTIONS)
      return {
        status: 400,
        body: `unable to create function, maximum: ${MAX_FUNCTIONS}, visit https://openfaas.com/pricing to upgrade to OpenFaaS Standard`,
      };
    const message = this.functions.has(sent.service)
      ? `deployments.apps "${sent.service}" already exists`
      : this.faults.apiServer;
    if (message !== undefined) return { status: 500, body: `unable create Deployment: ${message}` };
    this.functions.set(sent.service, { deployed: sent, replicas: minOf(sent), available: 0, deleted: false });
    return this.faults.services === undefined
      ? { status: 202 }
      : { status: 400, body: `failed create Service: ${this.faults.services}` };
  }

  #change(sent: FakeFunction['deployed']): Answer {
    const there = this.functions.get(sent.service);
    const name = `${sent.service}.openfaas-fn`;
    if (!there)
      return {
        status: 404,
        body: `unable update Deployment: ${name}, error: deployments.apps "${sent.service}" not found`,
      };
    const why = this.#fault(sent);
    if (why?.startsWith('unable to fetch secrets'))
      return { status: 400, body: `unable update Deployment: ${name}, error: ${why.replace(/^.*?: /, '')}` };
    // It logs why, and answers nothing: with that Go sends 200.
    if (why !== undefined || this.faults.apiServer !== undefined) return { status: 200 };
    this.functions.set(sent.service, { ...there, deployed: sent, replicas: minOf(sent) });
    return this.faults.services === undefined
      ? { status: 202 }
      : { status: 404, body: `unable update Service: ${name}, error: services "${sent.service}" not found` };
  }

  #remove(name: string): Answer {
    const there = this.functions.get(name);
    if (!there || there.deleted) return { status: 404, body: 'function not found' };
    there.deleted = true;
    return { status: 202 };
  }

  #scale(name: string, sent: FakeFunction['deployed']): Answer {
    const found = this.functions.get(name);
    if (this.#community && sent.replicas === 0)
      return { status: 400, body: 'replicas cannot be set to 0 in OpenFaaS CE' };
    if (!found || found.deleted) return { status: 500, body: `Unable to lookup function deployment ${name}` };
    found.replicas = this.#community ? Math.min(sent.replicas, MAX_REPLICAS) : sent.replicas;
    found.available = Math.min(found.available, found.replicas);
    return { status: 202 };
  }

  #keepSecret(method: string, sent: FakeFunction['deployed']): Answer {
    if (method === 'POST' ? this.secrets.has(sent.name) : !this.secrets.has(sent.name))
      return { status: method === 'POST' ? 409 : 404, body: `secrets "${sent.name}"` };
    if (method === 'DELETE') this.secrets.delete(sent.name);
    else this.secrets.set(sent.name, sent.value);
    return { status: 202 };
  }
}

/** Calls of functions are not authenticated, and what authenticates somebody is passed on. */
function callFunction(
  { functions, faults }: Gateway,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const name = path.split('/')[2]?.split('.')[0] ?? '';
  const found = functions.get(name);
  if (faults.providerAway || !found)
    return say(response, 404, `error finding function ${name}.openfaas-fn: server returned non-200`);
  if (request.headers['x-call-id'] === undefined) response.setHeader('x-call-id', '1');
  response.setHeader('x-start-time', '1').setHeader('x-served-by', 'openfaas-ce/0.27.13');
  const isThere = found.available > 0 && faults.services === undefined;
  if (isThere) return say(response, 200, { authorization: request.headers.authorization });
  response.setHeader('x-openfaas-internal', 'proxy');
  return say(response, 503, `No endpoints available for: ${name}.`);
}

function say(response: ServerResponse, status: number, body?: unknown): void {
  response.statusCode = status;
  response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
}

export async function startFakeOpenFaas({
  community = true,
  looksForSecrets = false,
  port = 0,
}: FakeOptions = {}): Promise<FakeOpenFaas> {
  const gateway = new Gateway(community, looksForSecrets);
  const calls: string[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    calls.push(`${method} ${url}`);
    let text = '';
    for await (const chunk of request) text += chunk;
    if (fake.broken !== undefined) return say(response, fake.broken, 'unavailable');
    const path = url.replace(/\?.*$/, '');
    if (path.startsWith('/function/')) return callFunction(gateway, path, request, response);
    if (path.startsWith('/async-function/')) return say(response, 404, '404 page not found');
    if (request.headers.authorization !== EXPECTED) return say(response, 401, 'invalid credentials');
    const { status, body } = gateway.answer(method, path, text);
    return say(response, status, body);
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  const { functions, secrets, faults } = gateway;
  const fake: FakeOpenFaas = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    username: USERNAME,
    password: PASSWORD,
    functions,
    secrets,
    calls,
    broken: undefined,
    faults,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return fake;
}

/** What a cluster does in its own time: pods come up, and those of deleted functions go. */
export function settle({ functions }: FakeOpenFaas): void {
  for (const [name, fn] of functions) {
    if (fn.deleted) functions.delete(name);
    else fn.available = fn.replicas;
  }
}
