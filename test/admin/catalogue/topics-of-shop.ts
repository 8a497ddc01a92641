// Topics with owners, schemas and samples, and resources that send and read their events.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import type { AnyResource } from '../../../resources/resource.ts';

const SHOP = `
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata:
  name: orders
  namespace: shop
  labels: { tenfold.dev/lifecycle: production }
  annotations: { tenfold.dev/owner: "group:default/sales", kubernetes.io/description: Each order once. }
spec:
  compatibility: full
  schedules: [{ name: nightly, cron: "30 2 * * *" }]
  schema:
    type: object
    description: An order.
    properties: { id: { type: string }, card: { type: string, x-sensitive: true } }
    examples: [{ id: "17" }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: late, namespace: shop }
spec: { schema: { description: What came late. } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: payments, namespace: bank }
spec:
  external: true
  kafka: { topic: bank.payments }
  encoding: { format: avro, registry: { url: "http://registry.example", subject: pay } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: ship, namespace: shop }
spec: { source: ./ship.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: labels, namespace: shop }
spec: { to: { function: ship } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: web, namespace: shop, annotations: { tenfold.dev/owner: "group:default/web" } }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: shipping, namespace: shop }
spec: { topic: orders, filter: "\${event.data.id != ''}", to: { queue: labels } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: sold, namespace: shop }
spec: { from: [orders], table: { key: "\${event.data.id}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: busy, namespace: shop }
spec: { from: { topic: orders }, steps: [{ filter: "\${true}" }], to: [{ topic: late }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: prints, namespace: shop }
spec: { "on": { topic: orders }, split: "\${event.data.items}", worker: { function: ship } }
`;

export function catalogueResources(): readonly AnyResource[] {
  const { resources, problems } = loadText('app.yaml', SHOP);
  assert.deepEqual(problems, []);
  return resources;
}
