// Our gateway as a plain proxy against nginx, Envoy, Go, Fastify and Express, and what JWT, rate
// limit, access log and metrics add: CPU per request on one core.
// Needs `npm ci` in bench/; peers that cannot be had are named as absent. `--seconds 0.5
// --rounds 3` for a quick look.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';
import type { Peer } from './gateway-proxy/peer.ts';
import { BARE, BARE_OWN, ENVOY, EXPRESS, FASTIFY, findPeers, GO, NGINX, SOURCE } from './gateway-proxy/peers.ts';
import { profileGateway } from './gateway-proxy/profile.ts';
import { makeToken } from './gateway-proxy/token.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    connections: { type: 'string', default: '32' },
  },
});
const connections = Number(values.connections);
const durationMs = Number(values.seconds) * 1000;
const PLAIN = 'tenfold';
const ASPECTS = ['jwt', 'rate limit', 'access log', 'metrics'];
const ALL = 'tenfold, all four';

const folder = mkdtempSync(join(tmpdir(), 'tenfold.gateway-proxy-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const { token, jwks } = await makeToken();

// Each server is ended when this process ends.
process.setMaxListeners(0);
pinSelf(0);
const upstream = await startServer(['gateway-proxy/upstream.mjs'], 0, here);
const address = `http://127.0.0.1:${upstream.port}`;
const env = { NODE_ENV: 'production', GOMAXPROCS: '1', UPSTREAM: address, JWKS: jwks };
const source = [...SOURCE, 'gateway-proxy/tenfold.ts'];
const ours: Peer = { args: () => source };

const servers: [name: string, server: ServerProcess][] = [];
const absent = new Map<string, string>();
async function add(name: string, peer: Peer | string, aspects: readonly string[] = []) {
  if (typeof peer === 'string') absent.set(name, peer);
  else {
    const started = startServer(peer.args, 1, here, { ...env, ASPECTS: aspects.join() }, peer.program);
    servers.push([name, await started]);
  }
}
await add(PLAIN, ours);
for (const [name, peer] of findPeers(here, folder, address)) await add(name, peer);
for (const aspect of ASPECTS) await add(`tenfold, ${aspect}`, ours, [aspect]);
await add(ALL, ours, ASPECTS);

// The same for all, needed or not, so that nobody has less to read.
const request = toRequest('GET', '/shop/r37/17', undefined, [`authorization: Bearer ${token}`]);
/** Rounds before the first that counts: the compilers need some ten thousand requests. */
const WARM_UP = 3;
const samples = new Map<string, { rate: number; cpuUs: number; p99: number }[]>();
for (let round = 0; round < WARM_UP + Number(values.rounds); round++) {
  for (const [name, server] of servers) {
    const before = server.cpuMs();
    const done = await load({ port: server.port, connections, durationMs, request, varying: true });
    const sorted = done.latenciesMs.toSorted((one, other) => one - other);
    const sample = {
      rate: done.requests / done.seconds,
      cpuUs: ((server.cpuMs() - before) * 1000) / done.requests,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
    if (round >= WARM_UP) samples.set(name, [...(samples.get(name) ?? []), sample]);
  }
}
for (const [, { stop }] of servers) stop();
const profile = await profileGateway({ here, args: source, env, request });
upstream.stop();

function of(name: string) {
  const all = samples.get(name) ?? [];
  const middle = (figure: 'rate' | 'cpuUs' | 'p99') => median(all.map(one => one[figure]));
  return { rate: middle('rate'), cpuUs: middle('cpuUs'), p99: middle('p99') };
}
const toRow = (name: string) => {
  const { rate, cpuUs, p99 } = of(name);
  const ratio = (cpuUs / of(PLAIN).cpuUs).toFixed(2);
  return [name, Math.round(rate).toLocaleString('en'), p99.toFixed(1), cpuUs.toFixed(1), ratio];
};
const head = ['', 'requests/s', 'p99 ms', 'CPU µs/request', 'of tenfold'];
const isOurs = (name: string) => name.startsWith(`${PLAIN},`);
const rows = servers.map(([name]) => name).filter(name => !isOurs(name));
const missing = [...absent.keys()].map(name => [name, 'absent', '-', '-', '-']);

const verdict = (name: string, bar: number, base: string) => {
  const reason = absent.get(base);
  if (reason !== undefined) return `- not measured: ${name} ≤ ${bar}× ${base}, which is absent: ${reason}`;
  const ratio = of(name).cpuUs / of(base).cpuUs;
  const line = `- ${ratio <= bar ? 'met' : '**not met**'}: ${name} ≤ ${bar}× ${base}: ${ratio.toFixed(2)}`;
  if (ratio <= bar || name !== PLAIN) return line;
  const floor = of(BARE_OWN).cpuUs / of(base).cpuUs;
  const why =
    floor > bar
      ? 'which misses it too'
      : `so that ${(of(PLAIN).cpuUs - of(BARE_OWN).cpuUs).toFixed(1)} µs are ours to save`;
  return `${line}. A bare pass-through over the same transport takes ${floor.toFixed(2)}, ${why}`;
};
publish('gateway-proxy', 'A plain proxy', [
  `GET of 300 bytes of JSON through 50 routes, the same request and the same upstream for all. ${connections} connections, one request in flight on each; proxies ${canPin ? 'pinned to one core, load and upstream on the other' : 'not pinned'}; medians of ${values.rounds} interleaved rounds of ${values.seconds} s. CPU is user and system time of the proxy's process; p99 is that of full load.`,
  toTable(head, [...rows.map(toRow), ...missing]),
  `Without routes, deadlines, traces or any check, bare node:http takes ${of(BARE_OWN).cpuUs.toFixed(1)} µs over our transport and ${of(BARE).cpuUs.toFixed(1)} µs over undici's dispatcher: what stands above the first is the gateway itself, which also sends five fields more each way. Most of the rest are the two writes to sockets, which nobody is spared.`,
  "Where the time of our plain proxy goes, by V8's sampling profiler:",
  toTable(['', 'of the busy time'], profile),
  'With what most routes have in front of them: a token whose key is known, a rate limit per consumer, an access log line and metrics for each request.',
  toTable(head, [PLAIN, ...servers.map(([name]) => name).filter(isOurs)].map(toRow)),
  [
    verdict(PLAIN, 1.2, ENVOY),
    verdict(PLAIN, 2.5, NGINX),
    verdict(PLAIN, 0.6, FASTIFY),
    verdict(PLAIN, 0.3, EXPRESS),
    verdict(ALL, 1.5, PLAIN),
    `- for comparison, of ${GO}: ${absent.get(GO) ?? (of(PLAIN).cpuUs / of(GO).cpuUs).toFixed(2)}`,
  ].join('\n'),
]);
process.exit(0);
