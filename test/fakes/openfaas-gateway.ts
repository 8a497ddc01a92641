// A gateway of OpenFaaS that answers as the real one was recorded to (gateway of 2024-03, faas-netes of 2023-12), oddities included; of Secrets, which
// were not recorded, as its API is documented.
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

export interface FakeOptions {
  readonly community?: boolean;
  /** Whether Secrets that a function names must be there; they are where they are left out. */
  readonly looksForSecrets?: boolean;
  /** Where it listens; without it any free port. */
  readonly port?: number;
}

const MAX_REPLICAS = 5;
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

export async function startFakeOpenFaas({
  community = true,
  looksForSecrets = false,
  port = 0,
}: FakeOptions = {}): Promise<FakeOpenFaas> {
  const functions = new Map<string, FakeFunction>();
  const secrets = new Map<string, string>();
  const calls: string[] = [];
  const [username, password] = ['admin', 'a-password-of-tests'];
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const minOf = (deployed: FakeFunction['deployed']) => Number(deployed.labels?.['com.openfaas.scale.min'] ?? 1);

  const told = ({ deployed, replicas, available }: FakeFunction) => ({
    name: deployed.service,
    image: deployed.image,
    namespace: 'openfaas-fn',
    labels: deployed.labels,
    annotations: deployed.annotations,
    requests: deployed.requests,
    replicas,
    ...(available === 0 ? {} : { availableReplicas: available }),
    createdAt: '2026-01-01T00:00:00Z',
  });
  /** Why it is not taken. */
  const faultOf = (deployed: FakeFunction['deployed']) => {
    if (!LABEL.test(deployed.service ?? '')) return 'service: (invalid name) must be a valid DNS label';
    const missing = looksForSecrets && deployed.secrets?.find((name: string) => !secrets.has(name));
    if (missing) return `unable to fetch secrets: secrets "${missing}" not found`;
    if (!deployed.image) return 'image is required';
    if (community && deployed.labels?.['com.openfaas.scale.zero'])
      return 'scale to zero is not available in the Community Edition';
    return undefined;
  };

  function answer(method: string, path: string, text: string): { status: number; body?: unknown } {
    let sent: FakeFunction['deployed'] = {};
    try {
      if (text !== '') sent = JSON.parse(text);
    } catch {
      return { status: 400, body: 'unable to unmarshal the request' };
    }
    const [, , kind, name = ''] = path.split('/');
    if (path === '/system/info') {
      const provider = community ? 'faas-netes-ce' : 'faas-netes';
      const version = { release: '0.27.5', sha: '0' };
      return { status: 200, body: { provider: { provider, version, orchestration: 'kubernetes' }, version, arch: '' } };
    }
    if (path === '/system/namespaces') return { status: 200, body: ['openfaas-fn'] };
    if (kind === 'function') {
      const found = functions.get(name);
      return found ? { status: 200, body: told(found) } : { status: 404, body: `function "${name}" not found` };
    }
    if (kind === 'scale-function') {
      const found = functions.get(name);
      if (!found || found.deleted) return { status: 500, body: `unable to lookup function deployment ${name}` };
      found.replicas = community ? Math.min(Math.max(1, sent.replicas), MAX_REPLICAS) : sent.replicas;
      found.available = Math.min(found.available, found.replicas);
      return { status: 202 };
    }
    if (path === '/system/secrets') {
      if (method === 'POST' ? secrets.has(sent.name) : !secrets.has(sent.name))
        return { status: method === 'POST' ? 409 : 404, body: `secrets "${sent.name}"` };
      if (method === 'DELETE') secrets.delete(sent.name);
      else secrets.set(sent.name, sent.value);
      return { status: 202 };
    }
    if (path !== '/system/functions') return { status: 404, body: '404 page not found' };
    if (method === 'GET') return { status: 200, body: [...functions.values()].map(told) };
    const there = functions.get(sent.service ?? sent.functionName);
    if (method === 'DELETE') {
      if (!there || there.deleted) return { status: 404, body: 'function not found' };
      there.deleted = true;
      return { status: 202 };
    }
    const fault = faultOf(sent);
    if (fault !== undefined) return { status: 400, body: fault };
    if (method === 'POST') {
      const message = `unable create Deployment: deployments.apps "${sent.service}" already exists`;
      if (there) return { status: 500, body: message };
      functions.set(sent.service, { deployed: sent, replicas: minOf(sent), available: 0, deleted: false });
      return { status: 202 };
    }
    if (!there) return { status: 404, body: 'unable to find function deployment' };
    functions.set(sent.service, { ...there, deployed: sent, replicas: Math.max(there.replicas, minOf(sent)) });
    return { status: 202 };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    calls.push(`${method} ${url}`);
    let text = '';
    for await (const chunk of request) text += chunk;
    const say = (status: number, body?: unknown) => {
      response.statusCode = status;
      response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    };
    if (fake.broken !== undefined) return say(fake.broken, 'unavailable');
    const path = url.replace(/\?.*$/, '');
    // Calls of functions are not authenticated, and what authenticates somebody is passed on.
    if (path.startsWith('/function/')) {
      const name = path.split('/')[2]?.split('.')[0] ?? '';
      if (!functions.has(name)) return say(404, `error finding function ${name}`);
      response
        .setHeader('x-call-id', '1')
        .setHeader('x-start-time', '1')
        .setHeader('x-served-by', 'openfaas-ce/0.27.5');
      return say(200, { authorization: request.headers.authorization });
    }
    if (path.startsWith('/async-function/')) return say(404, '404 page not found');
    if (request.headers.authorization !== expected) return say(401, 'invalid credentials');
    const { status, body } = answer(method, path, text);
    return say(status, body);
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  const fake: FakeOpenFaas = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    username,
    password,
    functions,
    secrets,
    calls,
    broken: undefined,
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
