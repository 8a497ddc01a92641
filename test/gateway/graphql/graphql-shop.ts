// A shop behind a GraphQL endpoint: its schema, its resources, and what its functions answer.
import type { IncomingMessage, ServerResponse } from 'node:http';

export const SCHEMA = `
type Query {
  order(id: ID!): Order
  orders(first: Int): [Order!]!
  feed(first: Int): Feed
  invoice(id: ID!): Invoice
  failing: String
  slow: String
  who: Who
}
type Mutation { createOrder(input: OrderInput!): Order }
input OrderInput { item: String! }
type Order { id: ID! total: Float customer: Customer related: [Order!] constructor: String }
type Feed { items: [Order!] }
type Customer { id: ID! name: String orders: [Order!] }
type Invoice { id: ID! who: String }
type Who { cookie: String }
`;

export const APP = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: shop }
spec: { source: ./shop.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: invoice }
spec:
  parts: { order: { to: { function: shop }, path: "/orders/\${params.id}" } }
  response: { body: { id: "\${order.body.id}", who: "\${order.body.customerId}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  graphql:
    schema: ./shop.graphql
    maxDepth: 5
    maxAliases: 10
    maxCost: 200
    resolvers:
      Query.order: { to: { function: shop }, path: "/orders/\${args.id}" }
      Query.orders: { to: { function: shop }, path: "/orders" }
      Query.feed: { to: { function: shop }, path: "/feed" }
      Query.invoice: { to: { aggregate: invoice } }
      Query.failing: { to: { function: shop }, path: /fail }
      Query.slow: { to: { function: shop }, path: /slow, timeout: 50ms }
      Query.who: { to: { function: shop }, path: /who }
      Order.customer: { to: { function: shop }, path: "/customers/\${parent.customerId}" }
      Customer.orders: { to: { function: shop }, path: /orders }
      Mutation.createOrder: { to: { function: shop }, method: POST, path: /orders, body: "\${args.input}" }
`;

const json = (response: ServerResponse, status: number, body: unknown, type = 'application/json') =>
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));

/** What the functions of the shop answer. */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, what, id] = (request.url ?? '').split('/');
  if (request.method === 'POST') {
    let text = '';
    request.on('data', chunk => {
      text += chunk;
    });
    request.on('end', () => {
      const { item } = JSON.parse(text);
      if (item === 'bad') json(response, 422, { detail: 'There is no such item.' }, 'application/problem+json');
      else json(response, 201, { id: '99' });
    });
  } else if (what === 'fail') json(response, 500, { stack: 'at db-3.internal' });
  else if (what === 'slow') return;
  else if (what === 'who') json(response, 200, { cookie: request.headers.cookie ?? null });
  else if (what === 'customers') json(response, 200, { id, name: 'Ada' });
  else if (what === 'feed')
    json(response, 200, { items: Array.from({ length: 300 }, (_, n) => ({ id: n, customerId: n })) });
  else if (id === '404') json(response, 404, {});
  else if (id === undefined)
    json(
      response,
      200,
      [1, 2].map(n => ({ id: n, customerId: 7 })),
    );
  else json(response, 200, { id, customerId: 7, total: 12.5 });
}
