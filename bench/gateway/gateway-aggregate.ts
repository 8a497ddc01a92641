// An aggregate of three parts against Express + axios, Fastify + undici.request and KrakenD's core:
// CPU per request on one core, rounds interleaved.
// Needs `npm ci` in bench/; KrakenD's core is left out where Go cannot build it. `--seconds 1
// --rounds 3` for a quick look.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    connections: { type: 'string', default: '32' },
  },
});
const durationMs = Number(values.seconds) * 1000;
const connections = Number(values.connections);

const BARE = 'bare node:http + undici';
const LURA = "KrakenD's core";
const folder = mkdtempSync(join(tmpdir(), 'tenfold.lura-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The binary, or undefined where it cannot be built. */
function buildLura(): string | undefined {
  const binary = join(folder, 'lura');
  const cwd = join(here, 'gateway-aggregate/lura');
  const { status, error } = spawnSync('go', ['build', '-o', binary, '.'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0) return binary;
  console.error(`${LURA} is left out: ${error?.message ?? 'go cannot build it here'}`);
  return undefined;
}

const lura = buildLura();
pinSelf(0);
const backends = await startServer(['gateway-aggregate/backends.mjs'], 0, here);
const env = { NODE_ENV: 'production', GOMAXPROCS: '1', BACKENDS: `http://127.0.0.1:${backends.port}` };
const source = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
const servers: [name: string, server: ServerProcess][] = [
  ['tenfold', await startServer([...source, 'gateway-aggregate/tenfold.ts'], 1, here, env)],
  [BARE, await startServer(['gateway-aggregate/bare.mjs'], 1, here, env)],
  ['Fastify + undici.request', await startServer(['gateway-aggregate/fastify-undici.mjs'], 1, here, env)],
  ['Express + axios', await startServer(['gateway-aggregate/express-axios.mjs'], 1, here, env)],
];
if (lura !== undefined) servers.push([LURA, await startServer([], 1, here, env, lura)]);

for (const [name, { port }] of servers) {
  const answer: unknown = await (await fetch(`http://127.0.0.1:${port}/invoices/1`)).json();
  const members = Object.keys(Object(answer)).sort().join();
  if (members !== 'customer,order,reviews') throw new Error(`${name} answers with ${members}`);
}

/**
 * Rounds before the first that counts: the compilers of all of these need
 * some ten thousand requests.
 */
const WARM_UP = 3;
const samples = new Map<string, { rate: number; cpuUs: number }[]>();
for (let round = 0; round < WARM_UP + Number(values.rounds); round++) {
  for (const [name, server] of servers) {
    const before = server.cpuMs();
    const request = toRequest('GET', '/invoices/1');
    const { requests, seconds } = await load({ port: server.port, connections, durationMs, request });
    const sample = { rate: requests / seconds, cpuUs: ((server.cpuMs() - before) * 1000) / requests };
    if (round >= WARM_UP) samples.set(name, [...(samples.get(name) ?? []), sample]);
  }
}
for (const [, server] of [...servers, ['backends', backends] as const]) server.stop();

const of = (name: string) => {
  const all = samples.get(name) ?? [];
  return { rate: median(all.map(one => one.rate)), cpuUs: median(all.map(one => one.cpuUs)) };
};
const ours = of('tenfold');
const rows = servers.map(([name]) => {
  const { rate, cpuUs } = of(name);
  return [name, Math.round(rate).toLocaleString('en'), cpuUs.toFixed(1), (cpuUs / ours.cpuUs).toFixed(2)];
});
const against = (name: string) => of(name).cpuUs / ours.cpuUs;
const verdict = (what: string, holds: boolean) => `- ${holds ? 'met' : '**not met**'}: ${what}`;
publish('gateway-aggregate', 'An aggregate of three parts', [
  `Three services with 200 bytes of JSON each, called at the same time, merged into one answer. ${connections} connections, medians of ${values.rounds} rounds of ${values.seconds} s, servers ${canPin ? 'alone on one core; load and services share the other' : 'not pinned'}.`,
  toTable(['server', 'requests/s', 'CPU µs/request', 'of ours'], rows),
  `Bare node:http with undici's dispatcher, without routes, deadlines, traces or any check, takes ${of(BARE).cpuUs.toFixed(1)} µs, ${against(BARE).toFixed(2)} of ours: without anything that makes a gateway of it. The four writes to sockets that a request needs, three calls and an answer, are the same for all.`,
  [
    ...(lura === undefined
      ? []
      : [verdict(`≤ 0.65 of ${LURA} in CPU: ${(1 / against(LURA)).toFixed(2)}`, 1 / against(LURA) <= 0.65)]),
    verdict(`≥ 5 times Express + axios: ${against('Express + axios').toFixed(2)}`, against('Express + axios') >= 5),
    verdict(
      `≥ 1.4 times Fastify + undici.request: ${against('Fastify + undici.request').toFixed(2)}`,
      against('Fastify + undici.request') >= 1.4,
    ),
  ].join('\n'),
]);
