// One application that uses almost every field of every kind, and is right: what
// odd documents are made of.

/** Everything that is called is at `origin`. */
export const soundResources = (origin: string): string => `
${FUNCTIONS.map(name => `${head('Function', name)}spec: { url: '${origin}/${name}' }\n`).join('---\n')}
---
${head('Function', 'limited')}spec:
  url: ${origin}/limited
  timeout: 5s
  limits: { concurrency: 50, rate: 500/s, waiting: 5, maxWait: 1s }
  circuitBreaker: { errorRate: 50%, window: 10s, minimum: 20, open: 5s, probes: 2 }
  healthCheck: { path: /healthz, interval: 5s, timeout: 1s }
  headers: [{ name: x-own, value: a }]
---
${head('Topic', 'changed')}spec: { partitions: 2, retention: 1d, key: "\${event.data.id}", schema: { type: object }, maxSize: 64Ki }
---
${head('Topic', 'dead')}spec: { partitions: 1, deduplicate: { window: 5m } }
---
${head('Queue', 'work')}spec:
  to: { function: one }
  concurrency: 4
  retry: { attempts: 3, initial: 1s, max: 5s }
  maxAge: 6h
  result: { ttl: 1h }
---
${head('Subscription', 'listener')}spec:
  topic: changed
  to: { function: two }
  filter: "\${event.type == 'Changed' && event.data.total > 10}"
  order: key
  concurrency: 4
  batch: { size: 10, wait: 200ms }
  rate: 100/s
  maxAge: 1h
  retry: { within: 1h, backoff: exponential, initial: 1s, max: 5m }
  deadLetter: { topic: dead }
  idempotency: { key: "\${event.id}", window: 24h }
---
${head('View', 'table')}spec:
  from: [changed]
  table: { key: "\${event.data.id}", value: { a: "\${event.data.a}" }, indexes: [a] }
  query: { cache: { ttl: 5s, staleWhileRevalidate: 1m } }
---
${head('View', 'totals')}spec:
  from: [changed]
  aggregate:
    by: "\${event.data.id}"
    values: { orders: count(), total: sum(event.data.total), tags: "top(event.data.tag, 3)" }
    having: "\${row.orders > 1}"
    indexes: [total]
    ttl: 30d
---
${head('View', 'ranking')}spec: { from: [changed], ranking: { member: "\${event.data.id}", score: "\${event.data.n}", limit: 10 } }
---
${head('View', 'found')}spec:
  from: [changed]
  search:
    id: "\${event.data.id}"
    document: { text: "\${event.data.text}" }
    fields: { text: { type: text, phonetic: true, fuzzy: true, suggest: true } }
---
${head('View', 'fed')}spec: { from: [], table: { key: "\${event.data.page}", value: { views: "\${(row == null ? 0 : row.views) + event.data.views}" } } }
---
${head('Pipeline', 'flow')}spec:
  from: { topic: changed }
  steps:
    - filter: "\${!event.data.bot}"
    - window:
        tumbling: 10s
        by: "\${event.data.page}"
        aggregate: { views: count(), sum: sum(event.data.total), users: distinct(event.data.user) }
        allowedLateness: 30s
        emit: changes
  to: [{ view: fed }]
---
${head('FanOut', 'spread')}spec:
  'on': { http: { maxBody: 64Ki } }
  split: "\${event.data.items}"
  worker: { function: one, concurrency: 8, retry: { attempts: 3 }, timeout: 1m }
  gather: { function: two }
  complete: { when: all, deadline: 15m, topic: dead }
---
${head('Aggregate', 'invoice')}spec:
  timeout: 2s
  request: { schema: { type: object }, maxBody: 64Ki }
  parts:
    order: { to: { function: one }, path: "/orders/\${params.id}", headers: { x-tenant: "\${request.headers['x-tenant']}" } }
    customer:
      to: { function: two }
      method: POST
      path: "/customers/\${order.body.id}?q=\${request.query.q}"
      body: { name: "\${order.body.name}", all: "\${order.body}" }
      when: "\${order.status == 200}"
    reviews:
      to: { url: '${origin}/reviews' }
      required: false
      fallback: []
      timeout: 300ms
      cache: { ttl: 60s, staleIfError: 1h }
      retry: { attempts: 2 }
      hedge: { after: p95 }
  response: { status: 200, headers: { x-id: "\${order.body.id}" }, body: { id: "\${order.body.id}", who: "\${customer.body.name}", reviews: "\${reviews.body}" } }
---
${head('Aggregate', 'outer')}spec:
  parts: { inner: { to: { aggregate: invoice } }, other: { to: { function: one } } }
  response: { function: two }
---
${head('Api', 'wide')}spec:
  basePath: /wide
  rateLimit: { rate: 100000/s, burst: 100000, by: "\${request.headers['x-tenant']}" }
  cors: { origins: [https://shop.example.com], methods: [GET], headers: [x-a], maxAge: 10m }
  compression: { encodings: [gzip], minSize: 1Ki }
  openapi: { path: /openapi.json, title: Wide }
  accessLog: { sample: 10% }
  routes:
    - match: { method: [GET, POST], path: /one/:id, headers: { x-client: { prefix: mob } }, query: { a: { present: true } }, cookies: { c: d } }
      to: { function: one }
      timeout: 2s
      timeouts: { connect: 1s, firstByte: 2s, idle: 10s }
      retry: { attempts: 2, 'on': [connect, '503'], budget: 20%, attemptTimeout: 1s, initial: 1ms, max: 5ms }
      circuitBreaker: { errorRate: 50%, window: 10s, minimum: 20, open: 5s }
      cache: { ttl: 30s, staleWhileRevalidate: 5m, staleIfError: 1h, vary: [accept] }
      request:
        schema: { type: object, properties: { n: { type: number } } }
        maxBody: 64Ki
        path: "/v2/\${params.id}"
        headers: { set: { x-id: "\${params.id}", x-t: "\${request.headers['x-tenant']}" }, add: { x-q: "q=\${request.query.q}" }, remove: [x-gone] }
      response: { headers: { set: { x-c: "\${request.cookies.c}" }, remove: [server] } }
    - match: { path: /split/*, method: GET }
      to: [{ function: one, weight: 90 }, { function: two, weight: 10 }, { url: '${origin}/three', weight: 1 }]
      failover: { function: limited }
      healthCheck: { path: /healthz, interval: 1s }
      sticky: { by: 'cookie:sid' }
      rateLimit: { rate: 10000/s, by: ip }
      deprecation: { since: '2026-01-01', link: 'https://docs.example' }
    - match: { path: /invoice/:id, method: POST }
      to: { aggregate: invoice }
    - match: { path: /changed, method: POST }
      to: { topic: changed }
      event: { type: "\${request.headers['x-type']}", source: /wide, subject: "\${request.query.s}" }
    - match: { path: /work, method: POST }
      to: { queue: work }
    - match: { path: /table, method: GET }
      to: { view: table }
    - match: { path: /ranking, method: GET }
      to: { view: ranking }
    - match: { path: /found, method: GET }
      to: { view: found }
    - match: { path: /spread, method: POST }
      to: { fanOut: spread }
---
${head('Api', 'versioned')}spec:
  basePath: /versioned
  hosts: [api.example.com]
  version: { name: v2, by: header, header: api-version, default: true }
  fallThrough: true
  routes:
    - { name: versions, summary: All, match: { path: /:id, method: GET }, to: { function: limited }, request: { host: h.example.com } }
---
${head('Api', 'graph')}spec:
  basePath: /graph
  graphql:
    schema: ./shop.graphql
    resolvers:
      Query.order: { to: { function: one }, path: "/orders/\${args.id}" }
      Order.customer: { to: { function: two }, method: POST, path: /customers, body: { id: "\${parent.id}" }, timeout: 1s }
    maxDepth: 5
    introspection: true
---
${head('Api', 'guarded')}spec:
  basePath: /guarded
  auth: { jwt: { issuer: '${origin}', audience: b, jwksUri: '${origin}/jwks', claims: { c: d }, forward: { x-sub: sub } }, optional: true, allow: "\${claims.role == 'admin'}" }
  routes:
    - { match: { path: /, method: GET }, to: { function: one }, auth: { allow: "\${request.method == 'GET'}" } }
---
${head('Strangler', 'facade')}spec:
  basePath: /old
  legacy: { url: '${origin}/legacy', timeout: 5s, origins: ['http://legacy.example'] }
  features:
    - name: orders
      match: { path: /orders/*, method: [GET, POST] }
      to: { function: one }
      phase: shadow
      path: "/moved/\${request.query.q}"
      headers: { set: { x-t: "\${request.headers['x-tenant']}" } }
      shadow: { sample: 100%, compare: { ignore: [/at], unordered: [{ list: /items, by: /id }], tolerance: 0.1%, normalize: "\${answer.body}", headers: [content-type] }, noise: true, maxBody: 64Ki }
      promote: { maxMismatch: 0.1%, maxErrorRate: 1%, minimum: 1000, window: 10m, steps: [1, 10, 50, 100] }
    - name: users
      match: { path: /users/:id }
      to: [{ function: one, weight: 1 }, { url: '${origin}/users', weight: 1 }]
      phase: canary
      canary: { percent: 50, sticky: 'header:x-user' }
      sync: { topic: changed, to: { url: '${origin}/sync' }, maxLag: 30s }
`;

/** What the Api with GraphQL names. */
export const GRAPHQL_SCHEMA = `
type Query { order(id: ID!): Order, orders: [Order!] }
type Order { id: ID!, name: String, total: Float, customer: Customer }
type Customer { id: ID!, name: String }
`;

const FUNCTIONS = ['one', 'two'];

function head(kind: string, name: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
}
