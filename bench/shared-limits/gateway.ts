// Our gateway with one route, served as the platform serves it. LIMIT: what limits it; REDIS: where it shares that, else it does not.
import { realWorld } from '../../core/world.ts';
import { createLeasedBudgets } from '../../drivers/budgets/leased/leased-budgets.ts';
import { openRedisStore } from '../../drivers/store/redis/redis-store.ts';
import { openDoor } from '../../gateway/doors/door-server.ts';
import { createPublicDoor } from '../../gateway/doors/public-door.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import { compilePlan } from '../../gateway/plan/compile.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet } from '../../resources/resource-set.ts';

const { PORT, UPSTREAM = '', LIMIT = '', REDIS } = process.env;
const rate = (by: string) => `rateLimit: { rate: 1000000/s, burst: 1000000, by: ${by} }`;
const [rateLimit = '', limits = ''] = {
  'rate, one key': [rate('all')],
  'rate, many keys': [rate(`"\${request.headers['x-client']}"`)],
  function: ['', 'limits: { concurrency: 1000, rate: 1000000/s }'],
  fifty: ['', 'limits: { concurrency: 50, maxWait: 3s }'],
}[LIMIT] ?? [''];
/** A limit of its own for each: what a gateway that was ended held is counted until its lease and its last call must have ended. */
const name = LIMIT === 'fifty' ? 'counted' : 'menu';
const { resources, problems } = loadText(
  'app.yaml',
  `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: ${name} }
spec:
  url: ${UPSTREAM}
  timeout: 5s
  ${limits}
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  ${rateLimit}
  routes: [{ match: { path: /menu, method: GET }, to: { function: ${name} }, timeout: 29s }]
`,
);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
const store =
  REDIS === undefined ? undefined : await openRedisStore({ world: realWorld, connection: { urls: [REDIS] } });
const unused = () => {
  throw new Error('no function is started here');
};
const { plan } = compilePlan(
  createResourceSet(resources),
  {
    world: realWorld,
    host: {
      apply() {},
      tryAcquire: () => ({ origin: UPSTREAM, basePath: '', release() {} }),
      acquire: unused,
      status: () => [],
      async close() {},
    },
    transport: createTransport({
      checkAddress: createAddressCheck({ allowLoopback: true }),
      connectTimeoutMs: 2000,
    }),
    secrets: () => undefined,
    budgets: store && createLeasedBudgets({ world: realWorld, leases: store }),
    buckets: store,
    log() {},
  },
  createPlanStateStore().begin(),
);
await openDoor({
  world: realWorld,
  host: '127.0.0.1',
  port: Number(PORT),
  requestTimeoutMs: 30_000,
  maxConnections: 10_000,
  handle: createPublicDoor({
    world: realWorld,
    plan: () => plan,
    readClient: createClientReader([]),
    answered() {},
  }),
});
process.once('SIGTERM', () => process.exit(0));
