// Our gateway with one cached route, served as the platform serves it, metrics included.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { realWorld } from '../../core/world.ts';
import { openDoor } from '../../gateway/doors/door-server.ts';
import { createPublicDoor } from '../../gateway/doors/public-door.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import { createGatewayMetrics } from '../../gateway/metrics.ts';
import { compilePlan } from '../../gateway/plan/compile.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet } from '../../resources/resource-set.ts';

const body = JSON.stringify({ menu: Array.from({ length: 8 }, (_, id) => ({ id, name: 'V60', price: 450 })) });
const upstream = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', etag: '"menu-1"', 'cache-control': 'max-age=3600' });
  response.end(body);
});
await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve));
const { resources, problems } = loadText(
  'app.yaml',
  `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - match: { path: /menu, method: GET }
      to: { url: 'http://127.0.0.1:${(upstream.address() as AddressInfo).port}' }
      cache: { ttl: 1h }
    - { match: { path: /menu/:id, method: GET }, to: { url: 'http://127.0.0.1:1' } }
`,
);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
const unused = () => {
  throw new Error('no function is called here');
};
const { plan } = compilePlan(
  createResourceSet(resources),
  {
    world: realWorld,
    host: { apply() {}, tryAcquire: unused, acquire: unused, status: () => [], async close() {} },
    transport: createTransport({
      checkAddress: createAddressCheck({ allowLoopback: true }),
      connectTimeoutMs: 2000,
    }),
    secrets: () => undefined,
    log() {},
  },
  createPlanStateStore().begin(),
);
const metrics = process.env['METRICS'] === 'off' ? () => {} : createGatewayMetrics(new Registry(), () => []);
process.once('SIGTERM', () => process.exit(0));
await openDoor({
  world: realWorld,
  host: '127.0.0.1',
  port: Number(process.env['PORT']),
  requestTimeoutMs: 30_000,
  maxConnections: 10_000,
  handle: createPublicDoor({
    world: realWorld,
    plan: () => plan,
    readClient: createClientReader([]),
    answered: metrics,
  }),
});
