// A shop that moves its orders out of legacy: the new side writes the total in another form, and
// legacy stamps each answer anew.
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { listen } from '../../../core/http/http-server.ts';

export function createLegacyShop(): Server {
  return createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const order = { id: request.url?.split('/').at(-1), total: 12.5, drinks: [{ name: 'Latte', size: 'big' }] };
    response.end(JSON.stringify({ ...order, stamp: randomUUID() }));
  });
}

export async function movingFiles(legacy: Server): Promise<Readonly<Record<string, string>>> {
  const url = await listen(legacy, '127.0.0.1', 0);
  return {
    'app.yaml': `apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: "${url}" }
  features:
    - name: orders
      match: { path: /orders/* }
      to: { function: orders }
      phase: shadow
      shadow: { noise: true }
      canary: { percent: 25 }
      promote: { minimum: 1000, window: 10m, steps: [5, 50] }
    - name: carts
      match: { path: /carts/* }
      to: { function: orders }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts }
`,
    'orders.ts': `import { randomUUID } from 'node:crypto';
import { http } from 'tenfold';

export default http(({ path }) => ({
  id: path.split('/').at(-1),
  total: 1250,
  drinks: [{ name: 'latte', size: 'big' }],
  stamp: randomUUID(),
}));
`,
  };
}
