// The public door with a route that leads to a View with a table of 10,000 rows, which a worker in the same process keeps.
import { Registry } from 'prom-client';
import { createViewSignals } from '../../core/views/view-signals.ts';
import { realWorld as world } from '../../core/world.ts';
import { createEventDoors } from '../../gateway/accept/event-doors.ts';
import { openDoor } from '../../gateway/doors/door-server.ts';
import { createPublicDoor } from '../../gateway/doors/public-door.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import { createGatewayMetrics } from '../../gateway/metrics.ts';
import { compilePlan } from '../../gateway/plan/compile.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { folded, openSite } from './site.ts';

const ROWS = 10_000;
const API = `---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: seen }
spec:
  routes:
    - match: { path: /seen, method: GET }
      to: { view: seen }
`;
const cache = process.env['CACHE'] === 'on' ? ', query: { cache: { ttl: 1m } }' : '';
const site = await openSite(`table: { key: '\${event.data.id}' }${cache}`, API);
const { storage, resources } = site;
await site.fill(ROWS, n => ({ key: `row-${n}`, data: { id: `row-${n}`, n, text: 'x'.repeat(200) } }));
const plane = site.start();
await folded(plane, ROWS);

const checkAddress = createAddressCheck({ allowLoopback: true });
const unused = () => {
  throw new Error('nothing is called here');
};
const doors = createEventDoors({
  world,
  log: storage.log,
  store: storage.store,
  views: storage.store,
  search: storage.search,
  viewSignals: createViewSignals(),
  checkAddress,
  cancelJob: unused,
});
const { plan } = compilePlan(
  resources,
  {
    world,
    host: { apply() {}, tryAcquire: unused, acquire: unused, status: () => [], async close() {} },
    transport: createTransport({ checkAddress, connectTimeoutMs: 2000 }),
    secrets: () => undefined,
    log() {},
    doors,
  },
  createPlanStateStore().begin(),
);
await openDoor({
  world,
  host: '127.0.0.1',
  port: Number(process.env['PORT']),
  requestTimeoutMs: 30_000,
  maxConnections: 10_000,
  handle: createPublicDoor({
    world,
    plan: () => plan,
    readClient: createClientReader([]),
    answered: createGatewayMetrics(new Registry(), () => []),
  }),
});
