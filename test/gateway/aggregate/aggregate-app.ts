// The application of tests of aggregates: what stands behind it, and its resources.
import type { IncomingMessage, ServerResponse } from 'node:http';

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** What stands behind: the path says what to do. */
export function serve(request: IncomingMessage, response: ServerResponse): void {
  const [, what, id] = (request.url ?? '').split(/[/?]/);
  if (what === 'orders' && id === '404') json(response, 404, { secret: 'no row 404 in db-3.internal' });
  else if (what === 'orders')
    json(response, 200, { id, customerId: 7, items: [{ price: 3.5 }, { price: 4 }] }, { 'x-shard': 's1' });
  else if (what === 'customers') json(response, 200, { name: 'Ada' });
  else if (what === 'fail') json(response, 500, { stack: 'at db-3.internal' });
  else if (what === 'busy') json(response, 503, {}, { 'retry-after': '7' });
  else if (what === 'slow') return;
  else if (what === 'deep')
    response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(100_000) + ']'.repeat(100_000));
  else if (what === 'hang-up') request.socket.destroy();
  else {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks).toString();
      json(
        response,
        200,
        { method, url, headers, body: body === '' ? null : JSON.parse(body) },
        { 'tenfold-parts': 'forged;ok' },
      );
    });
  }
}

export const APP = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: shop }
spec: { source: ./shop.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: api }
spec:
  basePath: /api
  routes:
    - { match: { path: /invoices/:id }, to: { aggregate: invoice } }
    - { match: { path: /pages/:id }, to: { aggregate: page } }
    - { match: { path: /failing/:what }, to: { aggregate: failing } }
    - { match: { path: /who }, to: { aggregate: who } }
    - { match: { path: /made/:id }, to: { aggregate: made } }
    - { match: { path: /posted }, to: { aggregate: posted } }
    - { match: { path: /list }, to: { aggregate: list } }
    - { match: { path: /slow }, to: { aggregate: slow } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: invoice }
spec:
  parts:
    order: { to: { function: shop }, path: "/orders/\${params.id}" }
    customer: { to: { function: shop }, path: "/customers/\${order.body.customerId}" }
    reviews: { to: { function: shop }, path: /fail, required: false, fallback: [] }
    ads: { to: { function: shop }, path: /fail, required: false }
  response:
    status: 203
    headers: { x-shard: "\${order.headers['x-shard']}", x-literal: one }
    body:
      id: "\${order.body.id}"
      total: "\${order.body.items[0].price + order.body.items[1].price}"
      customer: "\${customer.body.name}"
      reviews: "\${reviews.body}"
      ads: "\${ads.body.list}"
      ok: "\${order.status == 200}"
      "a \\"key\\"": "$\${literal}"
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec:
  parts:
    invoice: { to: { aggregate: invoice }, path: "/x?from=page" }
  response: { body: { invoice: "\${invoice.body}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: failing }
spec:
  timeout: 300ms
  parts:
    good: { to: { function: shop }, path: /customers/1 }
    bad: { to: { function: shop }, path: "/\${params.what}/404" }
  response: { body: { good: "\${good.body}", bad: "\${bad.body}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: who }
spec:
  parts:
    ours: { to: { function: shop }, path: /echo, headers: { x-declared: "\${request.headers['x-secret']}" } }
    theirs: { to: { url: "${origin}/base" }, path: "/echo?q=\${request.query.q}" }
    shared: { to: { function: shop }, path: /echo, cache: { ttl: 1m } }
  response: { body: { ours: "\${ours.body}", theirs: "\${theirs.body}", shared: "\${shared.body.headers}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: made }
spec:
  parts:
    order: { to: { function: shop }, path: "/orders/\${params.id}" }
    ads: { to: { function: shop }, path: /fail, required: false }
  response: { function: shop }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: posted }
spec:
  request: { maxBody: 100, schema: { type: object, required: [id] } }
  parts:
    order: { to: { function: shop }, method: POST, path: /echo, body: { wanted: "\${request.body.id}" } }
  response: { body: "\${order.body}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: list }
spec:
  parts:
    customer: { to: [{ function: shop, weight: 1 }, { function: shop, weight: 0 }], path: /customers/1 }
  response: { body: ["\${customer.body.name}", { meta: "\${customer.status}" }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: slow }
spec:
  parts:
    slow: { to: { function: shop }, path: /slow }
  response: { body: {} }
`;
