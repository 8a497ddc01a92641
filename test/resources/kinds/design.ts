// The resources of the design, as documents: what was promised to be writable.
// Elided parts are filled in.

export const design = `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec:
  source: ./orders.ts
  timeout: 29s
  concurrency: 50
  scale: { min: 0, max: 20, target: 40 }
  limits: { concurrency: 200, rate: 500/s }
  circuitBreaker: { errorRate: 50%, window: 10s, minimum: 20, open: 5s }
  visibility: private
  env: [{ name: A, value: "1" }]
  resources: { requests: { cpu: 100m } }
  provider: knative
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders.created }
spec: { partitions: 12, retention: 7d, key: "\${event.data.orderId}", schema: { type: object }, maxSize: 1Mi }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  version: { name: v2, by: media-type }
  auth: { jwt: { issuer: https://a, audience: b, jwksUri: https://a/jwks, claims: { c: d } }, apiKey: { secret: e } }
  cors: { origins: ["*"] }
  rateLimit: { rate: 100/s, burst: 200, by: "\${claims.sub}" }
  graphql: { schema: ./shop.graphql, resolvers: { Query.order: { to: { function: orders }, path: "/orders/\${args.id}" } } }
  routes:
    - match: { method: POST, path: /orders, headers: { x-client: mobile }, query: { a: b }, cookies: { c: d } }
      to: { function: orders }
      timeout: 2s
      retry: { attempts: 2, "on": [connect, "503"], budget: 20% }
      cache: { ttl: 30s, staleWhileRevalidate: 5m, staleIfError: 1h }
      request: { schema: { type: object }, maxBody: 1Mi }
    - match: { path: /checkout }
      to: [{ function: checkout-v1, weight: 90 }, { function: checkout-v2, weight: 10 }]
      sticky: { by: "cookie:sid" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: invoice }
spec:
  timeout: 2s
  parts:
    order: { to: { function: orders }, path: "/orders/\${params.id}" }
    customer: { to: { function: customers }, path: "/customers/\${order.body.customerId}" }
    reviews:
      to: { url: "http://reviews" }
      required: false
      fallback: []
      timeout: 300ms
      cache: { ttl: 60s, staleIfError: 1h }
      retry: { attempts: 2 }
      hedge: { after: p95 }
  response: { body: { id: "\${order.body.id}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: invoice-by-function }
spec:
  parts: { order: { to: { function: orders } } }
  response: { function: invoice }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: wall }
spec:
  topic: orders.created
  to: { function: video-wall }
  filter: "\${event.type == 'OrderCreated' && event.data.total > 10}"
  order: key
  concurrency: 32
  batch: { size: 100, wait: 200ms }
  rate: 100/s
  maxAge: 1h
  retry: { attempts: 8, backoff: exponential, initial: 1s, max: 5m }
  onExhausted: hold
  deadLetter: { topic: dead }
  idempotency: { key: "\${event.id}", window: 24h }
  from: 2026-01-01T00:00:00Z
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: http://legacy:8080 }
  features:
    - name: orders
      match: { path: /orders/* }
      to: { function: orders }
      phase: canary
      shadow: { sample: 100%, compare: { body: json, ignore: [/updatedAt], headers: [content-type] }, noise: true }
      canary: { percent: 10, sticky: "header:x-user" }
      promote: { maxMismatch: 0.1%, maxErrorRate: 1%, minimum: 1000, window: 10m, steps: [1, 10, 50, 100] }
      sync: { topic: orders.changed, to: { function: orders-to-legacy }, maxLag: 30s }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: article-import }
spec:
  to: { function: article-import }
  concurrency: 4
  batch: { size: 50, wait: 1s }
  rate: 20/s
  order: none
  share: { by: "\${event.data.tenant}", weight: "\${event.data.weight}", max: 2 }
  retry: { attempts: 3 }
  maxAge: 6h
  result: { ttl: 24h }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: tweets }
spec:
  from: [tweets.created, tweets.viewed]
  project: { function: project }
  table: { key: "\${event.data.id}", value: { a: "\${event.data.a}" }, indexes: [author, [author, createdAt]] }
  query: { cache: { ttl: 5s, staleWhileRevalidate: 1m } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: trends }
spec:
  from: [tweets.viewed]
  ranking: { member: "\${event.data.id}", score: "\${event.data.views}", limit: 1000, window: 24h }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: timeline }
spec:
  from: [tweets.created]
  feed: { owner: "\${event.data.followers}", limit: 800 }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: search }
spec:
  from: [tweets.created]
  search:
    id: "\${event.data.id}"
    document: { text: "\${event.data.text}" }
    fields: { text: { type: text, phonetic: true, fuzzy: true, suggest: true } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: clicks }
spec:
  from: { topic: clicks }
  steps:
    - filter: "\${!event.data.bot}"
    - map: { function: enrich }
    - window:
        tumbling: 10s
        by: "\${event.data.page}"
        aggregate: { views: count(), users: distinct(event.data.user) }
        allowedLateness: 30s
        emit: changes
  to:
    - { topic: clicks.per-page }
    - { view: pages }
    - { function: alert }
    - { archive: { format: parquet, roll: { size: 64Mi, every: 5m } } }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: renditions }
spec:
  "on": { topic: assets.created }
  split: "\${event.data.renditions}"
  worker: { function: resize, concurrency: 8, retry: { attempts: 3 }, timeout: 5m }
  gather: { function: mark-available }
  complete: { when: all, tolerate: 0, deadline: 15m, topic: assets.available }
`;
