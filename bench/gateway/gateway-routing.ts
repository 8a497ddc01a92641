// The cost of finding a route among 500 with header constraints, against find-my-way without and
// with constraints of its own. `--rounds 5` for a quick look.
import { parseArgs } from 'node:util';
import createRouter from 'find-my-way';
import type { Route } from '../../gateway/plan/plan.ts';
import { compileCondition } from '../../gateway/routing/condition.ts';
import { createPlan } from '../../gateway/routing/router.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf } from '../measure/server-process.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const ROUTES = 500;
const FINDS = 500_000;
const BAR_US = 0.5;
const CLIENTS = ['mobile', 'web'];

const toRoute = (path: string, client: string | undefined): Route => ({
  kind: 'Api',
  namespace: 'default',
  name: 'shop',
  family: 'Api/default/shop',
  owns: () => true,
  methods: ['GET'],
  host: undefined,
  path,
  condition: client === undefined ? undefined : compileCondition({ headers: { 'x-client': client } }),
  target: 'function shop',
  timeoutMs: 1000,
  logSample: 1,
  steps: [],
});
const services = Array.from({ length: ROUTES / CLIENTS.length }, (_, index) => `/shop/service${index}`);
const pathOf = (service: string) => `${service}/orders/:id`;
const constrained = createPlan(services.flatMap(service => CLIENTS.map(client => toRoute(pathOf(service), client))));
const plain = createPlan(
  services.flatMap(service => [toRoute(service, undefined), toRoute(pathOf(service), undefined)]),
);

/** As node:http and readHead give them: what browsers send comes before the field that decides. */
const common = ['accept', '*/*', 'accept-encoding', 'gzip, br', 'accept-language', 'en', 'user-agent', 'bench/1.0'];
const heads = Array.from({ length: 1_000 }, (_, index) => {
  const client = CLIENTS[index % CLIENTS.length] ?? '';
  // 7 has no factor in common with the number of services: neighbours in time are
  // no neighbours in the tree.
  const service = services[(index * 7) % services.length];
  return {
    method: 'GET',
    host: 'bench.test',
    authority: 'bench.test',
    path: `${service}/orders/${index}`,
    query: '',
    fields: [...common, 'x-client', client, 'referer', 'https://bench.test/'],
    withheld: [],
    hasBody: false,
    contentLength: undefined,
    traceparent: undefined,
  };
});

const bareTree = createRouter();
for (const service of services) bareTree.on('GET', pathOf(service), () => {}, service);
const hostTree = createRouter();
for (const service of services) {
  for (const client of CLIENTS)
    hostTree.on('GET', pathOf(service), { constraints: { host: client } }, () => {}, client);
}

const finders: ReadonlyArray<readonly [name: string, find: (head: (typeof heads)[number]) => unknown]> = [
  ['tenfold, 500 routes by path and header', head => constrained.find(head)],
  ['tenfold, 500 routes by path', head => plain.find(head)],
  ['find-my-way, 250 paths', head => bareTree.find('GET', head.path)],
  [
    'find-my-way, 250 paths and its own constraint on the host',
    head => hostTree.find('GET', head.path, { host: head.fields[9] ?? '' }),
  ],
];
for (const [name, find] of finders) {
  for (const head of heads) if (!find(head)) throw new Error(`${name} does not find ${head.path}`);
}
for (const head of heads) {
  const says = constrained.find(head)?.route.condition?.says.join();
  if (says !== `header x-client is "${head.fields[9]}"`)
    throw new Error(`${head.path} went to the wrong route: ${says}`);
}

pinSelf(1);
const samples = new Map<string, number[]>();
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [name, find] of finders) {
    const before = process.cpuUsage();
    let found = 0;
    for (let index = 0; index < FINDS; index++) {
      const head = heads[index % heads.length];
      if (head && find(head)) found++;
    }
    const { user, system } = process.cpuUsage(before);
    if (found !== FINDS) throw new Error(`${name} found ${found} of ${FINDS}`);
    // Round 0 warms up.
    if (round > 0) samples.set(name, [...(samples.get(name) ?? []), (user + system) / FINDS]);
  }
}

const of = (name: string) => median(samples.get(name) ?? []);
const rows = finders.map(([name]) => [name, of(name).toFixed(3)]);
const ours = of(finders[0]?.[0] ?? '');
publish('gateway-routing', 'Finding a route', [
  `GETs of 1,000 different paths; half of the routes on each path take \`x-client: mobile\`, half \`web\`, the fifth of six fields. ${FINDS.toLocaleString('en')} finds in a row, medians of ${values.rounds} interleaved rounds, CPU of the process${canPin ? ', pinned to one core' : ''}.`,
  toTable(['', 'CPU µs/find'], rows),
  `- ${ours <= BAR_US ? 'met' : '**not met**'}: ≤ ${BAR_US} µs among ${ROUTES} routes with header constraints: ${ours.toFixed(3)}`,
]);
process.exit(0);
