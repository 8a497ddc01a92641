// A few plain HTTPS calls to an API server: enough for tests, and nothing hidden.
import { Agent, request } from 'undici';

export interface KubeAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects of many kinds
  readonly body: any;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface KubeClient {
  request(method: Method, path: string, body?: unknown, contentType?: string): Promise<KubeAnswer>;
  /** Server-side apply with strict field validation, as `kubectl apply --server-side` does it. */
  apply(path: string, object: unknown, options?: { readonly dryRun: boolean }): Promise<KubeAnswer>;
  /** What `kubectl get` would print. */
  table(path: string): Promise<KubeAnswer>;
  close(): Promise<void>;
}

export function kubeClient(url: string, token: string, ca: string): KubeClient {
  const dispatcher = new Agent({ connect: { ca } });
  const client: KubeClient = {
    request: (method, path, body, contentType) => send(method, path, 'application/json', body, contentType),
    apply(path, object, { dryRun } = { dryRun: false }) {
      const query = `fieldManager=test&fieldValidation=Strict&force=true${dryRun ? '&dryRun=All' : ''}`;
      return client.request('PATCH', `${path}?${query}`, object, 'application/apply-patch+yaml');
    },
    table: path => send('GET', path, 'application/json;as=Table;v=v1;g=meta.k8s.io'),
    close: () => dispatcher.close(),
  };
  return client;

  async function send(method: Method, path: string, accept: string, body?: unknown, contentType = 'application/json') {
    const answer = await request(url + path, {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${token}`, 'content-type': contentType, accept },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: parse(await answer.body.text()) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
