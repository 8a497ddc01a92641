// One cached route in front of an upstream that a test scripts, with time that a test can move on.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { realWorld, type World } from '../../../core/world.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const counted: Answer = (_request, response, count) => response.end(`answer ${count}`);

const yaml = (cache: string, more: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
${more.replace(/^/gm, '  ')}
  basePath: /shop
  routes:
    - match: { path: "/*" }
      to: { function: menu }
      timeout: 2s
      cache: { ${cache} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: menu }
spec: { source: ./menu.ts }
`;

export async function openCachedListener(cache: string, answer: Answer = counted, more = '') {
  let count = 0;
  let ahead = 0;
  const world: World = {
    ...realWorld,
    monotonic: () => realWorld.monotonic() + ahead,
    now: () => realWorld.now() + ahead,
  };
  const upstream = await startUpstream((request, response) => answer(request, response, ++count));
  const listener = await serveYaml(yaml(cache, more), { functions: { menu: upstream.origin }, world });
  const get = async (path = '/menu', headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(`${listener.address}/shop${path}`, { method, headers });
    return {
      status: response.status,
      body: await response.text(),
      headers: response.headers,
      cache: response.headers.get('cache-status') ?? '',
    };
  };
  return {
    listener,
    upstream,
    get,
    swap: (text: string, rest = more) => listener.swap(yaml(text, rest)),
    /** Moves the clocks on; timers are real. */
    pass(ms: number) {
      ahead += ms;
    },
    async close() {
      await listener.close();
      await upstream.close();
    },
  };
}

export type Served = Awaited<ReturnType<typeof openCachedListener>>;

/** Opens one for the time of a test. */
export async function withListener(
  cache: string,
  answer: Answer | undefined,
  test: (listener: Served) => Promise<void>,
  more = '',
) {
  const listener = await openCachedListener(cache, answer, more);
  try {
    await test(listener);
  } finally {
    await listener.close();
  }
}

export const answerWith =
  (headers: Record<string, string>, status = 200): Answer =>
  (_request, response, count) => {
    response.writeHead(status, headers);
    response.end(`answer ${count}`);
  };

/** Whether the second of two equal requests was answered without the target. */
export async function isShared(listener: Served, path?: string, headers?: Record<string, string>): Promise<boolean> {
  await listener.get(path, headers);
  const before = listener.upstream.seen.length;
  await listener.get(path, headers);
  return listener.upstream.seen.length === before;
}
