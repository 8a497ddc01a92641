// Our gateway with one Aggregate, served as the platform serves it.
import { compile, resourcesOf, serve } from '../../measure/served.ts';

const backends = process.env['BACKENDS'] ?? '';
const part = (name: string) => `${name}: { to: { url: '${backends}' }, path: '/${name}/\${params.id}' }`;
const resources = resourcesOf(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes: [{ match: { path: /invoices/:id, method: GET }, to: { aggregate: invoice } }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: invoice }
spec:
  timeout: 2s
  parts: { ${['order', 'customer', 'reviews'].map(part).join(', ')} }
  response: { body: { order: '\${order.body}', customer: '\${customer.body}', reviews: '\${reviews.body}' } }
`);
const { plan } = compile(resources);
await serve(plan, () => {});
