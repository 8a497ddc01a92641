// Our gateway with one Aggregate, served as the platform serves it.
import { realWorld } from '../../core/world.ts';
import { openDoor } from '../../gateway/doors/door-server.ts';
import { createPublicDoor } from '../../gateway/doors/public-door.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import { compilePlan } from '../../gateway/plan/compile.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet } from '../../resources/resource-set.ts';

const backends = process.env['BACKENDS'] ?? '';
const part = (name: string) => `${name}: { to: { url: '${backends}' }, path: '/${name}/\${params.id}' }`;
const { resources, problems } = loadText(
  'app.yaml',
  `
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
`,
);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
const transport = createTransport({
  checkAddress: createAddressCheck({ allowLoopback: true }),
  connectTimeoutMs: 2000,
});
const unused = () => {
  throw new Error('no function is called here');
};
const { plan } = compilePlan(
  createResourceSet(resources),
  {
    world: realWorld,
    host: { apply() {}, tryAcquire: unused, acquire: unused, status: () => [], async close() {} },
    transport,
    secrets: () => undefined,
    log() {},
  },
  createPlanStateStore().begin(),
);
process.once('SIGTERM', () => process.exit(0));
await openDoor({
  world: realWorld,
  host: '127.0.0.1',
  port: Number(process.env['PORT']),
  requestTimeoutMs: 30_000,
  maxConnections: 10_000,
  handle: createPublicDoor({ world: realWorld, plan: () => plan, readClient: createClientReader([]), answered() {} }),
});
