// Limits that gateways share through Redis: what they cost a request, and what three gateways make
// of a limit of fifty calls at a time.
// Needs redis-server; `--seconds 1 --rounds 2` for a quick look.
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCountingService } from '../../test/kills/budgets/counting-service.ts';
import { startRedis } from '../../test/services/redis.ts';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, rounds: { type: 'string', default: '7' } },
});
const seconds = Number(values.seconds);
const CONNECTIONS = 32;
const LIMIT = 50;
const WORK_MS = 100;
/** For so long a Redis that is new grants nothing. */
const QUIET_MS = 10_500;
const BAR = 1.1;

process.setMaxListeners(0);
pinSelf(0);
const redis = await startRedis();
const source = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', 'shared-limits/gateway.ts'];
const start = (LIMIT: string, upstream: string, shared: boolean, core = 1) =>
  startServer(source, core, here, {
    NODE_ENV: 'production',
    LIMIT,
    UPSTREAM: upstream,
    ...(shared ? { REDIS: redis.url } : {}),
  });

const NONE = 'no limit';
const ONE = 'rate limit, one key,';
const MANY = 'rate limit, a new key each time,';
const FUNCTION = 'limits of a function,';
const MEMORY = 'in memory';
const REDIS = 'over Redis';

/** CPU of a request, µs, by round and by what is limited. */
async function measureCosts(): Promise<Map<string, number>[]> {
  const upstream = await startServer(['gateway-proxy/upstream.mjs'], 0, here);
  const address = `http://127.0.0.1:${upstream.port}`;
  const gateways: [name: string, server: ServerProcess][] = [[NONE, await start('', address, false)]];
  for (const [name, limit] of [
    [ONE, 'rate, one key'],
    [MANY, 'rate, many keys'],
    [FUNCTION, 'function'],
  ] as const) {
    gateways.push([`${name} ${MEMORY}`, await start(limit, address, false)]);
    gateways.push([`${name} ${REDIS}`, await start(limit, address, true)]);
  }
  await sleep(QUIET_MS);
  let clients = 1_000_000;
  const request = () => toRequest('GET', '/menu', undefined, [`x-client: ${clients++}`]);
  const rounds: Map<string, number>[] = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const costs = new Map<string, number>();
    for (const [name, server] of gateways) {
      const before = server.cpuMs();
      const options = { port: server.port, connections: CONNECTIONS, durationMs: seconds * 1000, varying: true };
      const { requests } = await load({ ...options, request });
      costs.set(name, ((server.cpuMs() - before) * 1000) / requests);
    }
    // Round 0 warms up.
    if (round > 0) rounds.push(costs);
  }
  for (const [, server] of gateways) server.stop();
  upstream.stop();
  return rounds;
}

/** The use of one limit by three gateways, as the function sees it. */
async function measureUse() {
  const counting = await startCountingService(WORK_MS);
  const gateways: ServerProcess[] = [];
  for (const core of [1, 1, 0]) gateways.push(await start('fifty', counting.url, true, core));
  await sleep(QUIET_MS);
  const durationMs = Math.max(10, seconds * 5) * 1000;
  const loads = gateways.map(({ port }) =>
    load({ port, connections: 2 * LIMIT, durationMs: durationMs + 2_000, request: toRequest('GET', '/menu') }),
  );
  await sleep(2_000);
  counting.begin();
  await sleep(durationMs - 500);
  const found = { most: counting.most, part: counting.average / LIMIT, seconds: (durationMs - 500) / 1000 };
  await Promise.all(loads);
  for (const gateway of gateways) gateway.stop();
  counting.close();
  return found;
}

const costs = await measureCosts();
const used = await measureUse();
/** Within rounds: other work on the machine moves all of a round together. */
const ratio = (name: string, base: string) => median(costs.map(one => (one.get(name) ?? 0) / (one.get(base) ?? 1)));
const more = (name: string, base: string) => `${((ratio(name, base) - 1) * 100).toFixed(1)}%`;
const rows = [...(costs[0]?.keys() ?? [])].map(name => [
  name,
  median(costs.map(one => one.get(name) ?? 0)).toFixed(1),
  `${ratio(name, NONE).toFixed(2)}×`,
  name.endsWith(REDIS) ? `${ratio(name, name.replace(REDIS, MEMORY)).toFixed(2)}×` : '',
]);
const verdict = (met: boolean) => (met ? 'met' : '**not met**');
publish('shared-limits', 'Limits that gateways share through Redis', [
  `GET of 300 bytes through a route to a function that is a \`url\`; ${CONNECTIONS} connections, one request in flight on each; gateway ${canPin ? 'pinned to one core, load, upstream and Redis on the other' : 'not pinned'}; median of ${values.rounds} interleaved rounds of ${values.seconds} s. CPU is user and system time of the gateway's process; ratios are medians of those within a round. The load average was ${(loadavg()[0] ?? 0).toFixed(0)}: above the number of cores other work was in the way, and ratios closer to 1 than about 0.2 say nothing.`,
  toTable(['', 'CPU µs/request', 'of no limit', 'of the same in memory'], rows),
  `- ${verdict(ratio(`${ONE} ${REDIS}`, NONE) <= BAR)}: a rate limit over all gateways costs at most 10% of the CPU of a request: ${more(`${ONE} ${REDIS}`, NONE)} where requests share a key, ${more(`${ONE} ${REDIS}`, `${ONE} ${MEMORY}`)} more than in memory. Where each request has a key that nobody has met before, so that Redis must be asked for each, it is ${more(`${MANY} ${REDIS}`, NONE)}.`,
  `Three gateways, ${2 * LIMIT} clients each, one function with \`concurrency: ${LIMIT}\` that takes ${WORK_MS} ms; ${used.seconds} s, counted at the function:`,
  [
    `- ${verdict(used.most <= LIMIT)}: never more than ${LIMIT} in flight: at most ${used.most}`,
    `- ${verdict(used.part >= 0.9)}: at least 90% of it used: ${(used.part * 100).toFixed(1)}%. What is missing is mostly the way of a call to the function and back.`,
  ].join('\n'),
]);
await redis.process.stop();
process.exit(0);
