// Our gateway with one feature of a Strangler in the phase that PHASE says, served as the platform serves it, metrics included.
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

const { PHASE, SHADOW, LEGACY, FRESH, PORT } = process.env;
const { resources, problems } = loadText(
  'app.yaml',
  `
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  legacy: { url: '${LEGACY}' }
  features:
    - name: orders
      match: { path: /orders/* }
      to: { url: '${FRESH}' }
      phase: ${PHASE}
      shadow: ${SHADOW}
`,
);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
const unused = () => {
  throw new Error('no function is called here');
};
const { plan, facades } = compilePlan(
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
const handle = createPublicDoor({
  world: realWorld,
  plan: () => plan,
  readClient: createClientReader([]),
  answered: createGatewayMetrics(new Registry(), () => []),
});
await openDoor({
  world: realWorld,
  host: '127.0.0.1',
  port: Number(PORT),
  requestTimeoutMs: 30_000,
  maxConnections: 10_000,
  handle(request, response, refuseRest) {
    if (request.url === '/report') response.end(JSON.stringify(facades[0]?.report()));
    else handle(request, response, refuseRest);
  },
});
