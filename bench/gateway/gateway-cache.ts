// A cached route of our gateway against bare node:http handlers and hand-written caches: GET of 300
// bytes of JSON, one core, rounds interleaved.
// Needs `npm ci` in bench/; `--seconds 1 --rounds 3 --only empty,tenfold` for a quick look.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    connections: { type: 'string', default: '32' },
  },
});
const connections = Number(values.connections);
const source = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
const servers: ReadonlyArray<readonly [name: string, args: readonly string[], env: NodeJS.ProcessEnv]> = [
  ['empty', ['gateway-cache/empty.mjs'], {}],
  ['same answer', ['gateway-cache/same-answer.mjs'], {}],
  ['tenfold', [...source, 'gateway-cache/tenfold.ts'], {}],
  ['tenfold, no metrics', [...source, 'gateway-cache/tenfold.ts'], { METRICS: 'off' }],
  ['same answer + browser', ['gateway-cache/same-answer.mjs'], {}],
  ['tenfold + browser', [...source, 'gateway-cache/tenfold.ts'], {}],
  ['Fastify + Map', ['gateway-cache/fastify-cached.mjs'], {}],
  ['Express + Map', ['gateway-cache/express-cached.mjs'], {}],
];
const plain = toRequest('GET', '/shop/menu');
/** Other headers that a browser sends. There are no cookies, as answers to those are not cached. */
const ofBrowser = toRequest('GET', '/shop/menu', undefined, [
  'accept-language: en-GB,en;q=0.9,de;q=0.8',
  'accept-encoding: gzip, deflate, br, zstd',
  'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'sec-fetch-dest: empty',
  'sec-fetch-mode: cors',
  'sec-fetch-site: same-origin',
  'referer: https://bench.test/shop',
  'priority: u=1, i',
  'dnt: 1',
]);

pinSelf(0);
const only = values.only.split(',').filter(Boolean);
const running: Array<[name: string, server: ServerProcess]> = [];
for (const [name, args, env] of servers) {
  if (only.length > 0 && !only.includes(name)) continue;
  running.push([name, await startServer(args, 1, here, { NODE_ENV: 'production', ...env })]);
}
const requestOf = (name: string) => (name.endsWith('+ browser') ? ofBrowser : plain);
// The first answer fills the cache, and says so: it is longer than those that the load expects.
for (const [name, { port }] of running) await load({ port, connections: 1, durationMs: 0, request: requestOf(name) });

const samples = new Map<string, Array<{ rate: number; cpuUs: number }>>();
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [name, server] of running) {
    const before = server.cpuMs();
    const durationMs = Number(values.seconds) * 1000;
    const { requests, seconds } = await load({ port: server.port, connections, durationMs, request: requestOf(name) });
    const sample = { rate: requests / seconds, cpuUs: ((server.cpuMs() - before) * 1000) / requests };
    // Round 0 warms up.
    if (round > 0) samples.set(name, [...(samples.get(name) ?? []), sample]);
  }
}
for (const [, server] of running) server.stop();

const of = (name: string) => {
  const all = samples.get(name) ?? [];
  return { rate: median(all.map(one => one.rate)), cpuUs: median(all.map(one => one.cpuUs)) };
};
const rows = running.map(([name]) => {
  const { rate, cpuUs } = of(name);
  const against = (other: string) => `${(cpuUs / of(other).cpuUs).toFixed(2)}×`;
  return [name, Math.round(rate).toLocaleString('en'), cpuUs.toFixed(1), against('empty'), against('same answer')];
});
const BAR = 1.2;
function verdict(): string {
  if (only.length > 0) return 'The bar needs all servers.';
  const ratio = of('tenfold').cpuUs / of('empty').cpuUs;
  const line = `- ${ratio <= BAR ? 'met' : '**not met**'}: at most ${BAR}× an empty handler: ${ratio.toFixed(2)}`;
  if (ratio <= BAR) return line;
  const us = (name: string) => of(name).cpuUs;
  return `${line}. Of the difference, ${(us('same answer') - us('empty')).toFixed(1)} µs are the bytes of the answer, ${(us('tenfold, no metrics') - us('same answer')).toFixed(1)} µs what a gateway must do for each request (reading and checking its head, its route, a trace, a deadline, the key and the age of the answer), and ${(us('tenfold') - us('tenfold, no metrics')).toFixed(1)} µs counting it by route.`;
}
publish('gateway-cache', 'A cached route: GET of 300 bytes of JSON', [
  `${connections} connections, one request in flight on each; server ${canPin ? 'pinned to one core, load from the other' : 'not pinned'}; median of ${values.rounds} interleaved rounds of ${values.seconds} s. CPU is user and system time of the server's process.`,
  toTable(['', 'requests/s', 'CPU µs/request', 'of empty', 'of same answer'], rows),
  '`empty` is a node:http handler that answers nothing; `same answer` one that gives the same head and body from memory without looking at the request. `+ browser`: asked with the eleven more fields of a browser without cookies; with one the answer is not taken from the cache. What a hit costs beyond is in docs/guides/resilience-and-caching.md.',
  verdict(),
]);
process.exit(0);
