// Our gateway with 50 routes, served as the platform serves it; ASPECTS names what is on: jwt, rate limit, access log, metrics.
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { createLogReporter } from '../../cli/serve/log-reporter.ts';
import { nodeHttp } from '../../core/node-http.ts';
import { realWorld } from '../../core/world.ts';
import type { AnsweredListener } from '../../gateway/doors/door-events.ts';
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
import { toRequestEntry } from '../../server/request-entry.ts';
import { aspectsYaml, shopYaml } from './shop.ts';

const { PORT, UPSTREAM = '', JWKS = '{"keys":[]}', ROUTES = '50', EACH = '' } = process.env;
const aspects = (process.env['ASPECTS'] ?? '').split(',');

const issuer = nodeHttp().createServer((_request, response) => response.end(JWKS));
await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve));
const keysUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;

const yaml = shopYaml({
  routes: Number(ROUTES),
  upstream: UPSTREAM,
  spec: aspectsYaml(aspects, keysUrl),
  each: EACH,
});
const { resources, problems } = loadText('app.yaml', yaml);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
const unused = () => {
  throw new Error('no function is called here');
};
const compiled = compilePlan(
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
if (compiled.problems.length > 0) throw new Error(compiled.problems.map(({ message }) => message).join('\n'));

// As `serve` writes it; the harness lets it go to /dev/null.
const print = (line: string) => void process.stdout.write(`${line}\n`);
const { events } = createLogReporter({ print }, 'info', () => new Date());
const observe = createGatewayMetrics(new Registry(), () => []);
const withMetrics = aspects.includes('metrics');
const withLog = aspects.includes('access log');
const answered: AnsweredListener = entry => {
  if (withMetrics) observe(entry);
  if (withLog && entry.logged) events.request?.(toRequestEntry(entry));
};
await openDoor({
  world: realWorld,
  host: '127.0.0.1',
  port: Number(PORT),
  requestTimeoutMs: 30_000,
  maxConnections: 10_000,
  handle: createPublicDoor({
    world: realWorld,
    plan: () => compiled.plan,
    readClient: createClientReader([]),
    answered: withMetrics || withLog ? answered : () => {},
  }),
});
// So that a profile gets written.
process.once('SIGTERM', () => process.exit(0));
