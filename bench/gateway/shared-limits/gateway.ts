// Our gateway with one route, served as the platform serves it. LIMIT: what limits it; REDIS: where
// it shares that, else it does not.
import { realWorld } from '../../../core/world.ts';
import { createLeasedBudgets } from '../../../drivers/budgets/leased/leased-budgets.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import { compile, neverCalled, resourcesOf, serve } from '../../measure/served.ts';

const { UPSTREAM = '', LIMIT = '', REDIS } = process.env;
const rate = (by: string) => `rateLimit: { rate: 1000000/s, burst: 1000000, by: ${by} }`;
const [rateLimit = '', limits = ''] = {
  'rate, one key': [rate('all')],
  'rate, many keys': [rate(`"\${request.headers['x-client']}"`)],
  function: ['', 'limits: { concurrency: 1000, rate: 1000000/s }'],
  fifty: ['', 'limits: { concurrency: 50, maxWait: 3s }'],
}[LIMIT] ?? [''];
/**
 * A limit of its own for each: what a gateway that was ended held is counted until its lease and
 * its last call must have ended.
 */
const name = LIMIT === 'fifty' ? 'counted' : 'menu';
const resources = resourcesOf(`
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
`);
const store =
  REDIS === undefined ? undefined : await openRedisStore({ world: realWorld, connection: { urls: [REDIS] } });
const { plan } = compile(resources, {
  host: {
    apply() {},
    tryAcquire: () => ({ origin: UPSTREAM, basePath: '', release() {} }),
    acquire: neverCalled,
    status: () => [],
    async close() {},
  },
  budgets: store && createLeasedBudgets({ world: realWorld, leases: store }),
  buckets: store,
});
await serve(plan, () => {});
