// A few plain HTTPS calls to an API server: enough for tests, and nothing hidden.
import { Agent, request } from 'undici';

export interface KubeAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects of many kinds
  readonly body: any;
  /** What the server warned of, e.g. unknown fields. */
  readonly warnings: readonly string[];
}

export interface KubeClient {
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<KubeAnswer>;
  /** Server-side apply with strict field validation, as `kubectl apply --server-side` does it. */
  apply(path: string, object: unknown): Promise<KubeAnswer>;
  close(): Promise<void>;
}

export function kubeClient(url: string, token: string, ca: string): KubeClient {
  const dispatcher = new Agent({ connect: { ca } });
  const client: KubeClient = {
    async request(method, path, body, contentType = 'application/json') {
      const answer = await request(url + path, {
        method,
        dispatcher,
        headers: { authorization: `Bearer ${token}`, 'content-type': contentType, accept: 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      const warnings = [answer.headers.warning ?? []].flat();
      return { status: answer.statusCode, body: parse(text), warnings };
    },
    apply: (path, object) =>
      client.request(
        'PATCH',
        `${path}?fieldManager=test&fieldValidation=Strict&force=true`,
        object,
        'application/apply-patch+yaml',
      ),
    close: () => dispatcher.close(),
  };
  return client;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
