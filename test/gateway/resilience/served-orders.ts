// A route to one Function whose upstream a test scripts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

export const api = (route: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /* }
      to: { function: orders }
${route.replace(/^/gm, '      ')}
`;
export const fn = (spec = '') => `
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts ${spec} }
`;

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export async function serve(yaml: string, answer: Answer) {
  let count = 0;
  const upstream = await startUpstream((request, response) => answer(request, response, ++count));
  const listener = await serveYaml(yaml, { functions: { orders: upstream.origin } });
  return {
    upstream,
    listener,
    url: `${listener.address}/x`,
    async close() {
      await listener.close();
      await upstream.close();
    },
  };
}

export const failTimes =
  (times: number, status = 503): Answer =>
  (request, response, count) => {
    request.resume();
    request.on('end', () => {
      response.statusCode = count <= times ? status : 200;
      response.end(`answer ${count}`);
    });
  };
