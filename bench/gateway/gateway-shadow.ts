// The costs of shadowing: the client's latency at a fixed rate, and the gateway's CPU per request,
// against the same route in the phase legacy. `--rounds 10` for a quick look.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';
import { paced } from './gateway-shadow/paced.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '0.5' },
    rounds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000' },
  },
});
const durationMs = Number(values.seconds) * 1000;
const perSecond = Number(values.rate);
const request = toRequest('GET', '/orders/17');

pinSelf(0);
const legacy = await startServer(['gateway-shadow/side.mjs'], 0, here, { SIDE: 'legacy' });
const fresh = await startServer(['gateway-shadow/side.mjs'], 0, here, { SIDE: 'new' });
const start = (phase: string, shadow = '{}') =>
  startServer(
    ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', 'gateway-shadow/tenfold.ts'],
    1,
    here,
    {
      NODE_ENV: 'production',
      PHASE: phase,
      SHADOW: shadow,
      LEGACY: `http://127.0.0.1:${legacy.port}`,
      FRESH: `http://127.0.0.1:${fresh.port}`,
    },
  );
const OFF = 'legacy';
const servers: [name: string, server: ServerProcess][] = [
  [OFF, await start('legacy')],
  ['shadow', await start('shadow')],
  ['shadow, 10% sampled', await start('shadow', '{ sample: 10% }')],
  ['shadow with noise', await start('shadow', '{ noise: true }')],
];

/**
 * Disturbances must hit all alike and count little: many short slices in
 * turn, and medians over them.
 */
const measured = new Map(
  servers.map(([name]) => [
    name,
    { p50: [] as number[], p99: [] as number[], cpuUs: [] as number[], fullCpuUs: [] as number[] },
  ]),
);
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [name, server] of servers) {
    const before = server.cpuMs();
    const latencies = await paced({ port: server.port, perSecond, durationMs, request });
    const between = server.cpuMs();
    const { requests } = await load({ port: server.port, connections: 32, durationMs, request });
    const sums = measured.get(name);
    // Round 0 warms up.
    if (round === 0 || !sums) continue;
    const at = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] ?? 0;
    sums.p50.push(at(0.5));
    sums.p99.push(at(0.99));
    sums.cpuUs.push(((between - before) * 1000) / latencies.length);
    sums.fullCpuUs.push(((server.cpuMs() - between) * 1000) / requests);
  }
}

interface Report {
  readonly features: readonly {
    readonly shadow: { readonly compared: number; readonly skipped: { readonly busy?: number } };
  }[];
}
const rows: string[][] = [];
for (const [name, { port }] of servers) {
  const report = (await (await fetch(`http://127.0.0.1:${port}/report`)).json()) as Report;
  const { compared = 0, skipped } = report.features[0]?.shadow ?? {};
  const figures = figuresOf(name);
  const base = figuresOf(OFF);
  const cell = (member: keyof typeof figures, digits: number) =>
    `${figures[member].toFixed(digits)} (${(figures[member] / base[member]).toFixed(2)}×)`;
  const share = compared === 0 ? '-' : `${Math.round((100 * compared) / (compared + (skipped?.busy ?? 0)))}%`;
  rows.push([name, cell('p50', 2), cell('p99', 2), cell('cpuUs', 1), cell('fullCpuUs', 1), share]);
}
for (const [, server] of servers) server.stop();

function figuresOf(name: string) {
  const { p50 = [], p99 = [], cpuUs = [], fullCpuUs = [] } = measured.get(name) ?? {};
  return { p50: median(p50), p99: median(p99), cpuUs: median(cpuUs), fullCpuUs: median(fullCpuUs) };
}

function verdicts(): string {
  const base = figuresOf(OFF);
  return servers
    .filter(([name]) => name !== OFF)
    .flatMap(([name]) => {
      const { p99, fullCpuUs } = figuresOf(name);
      return [
        [`p99 at most 1.1× of ${OFF}`, name, p99 / base.p99, 1.1] as const,
        [`CPU at most 2.2× of ${OFF}`, name, fullCpuUs / base.fullCpuUs, 2.2] as const,
      ];
    })
    .map(
      ([what, name, ratio, bar]) => `- ${ratio <= bar ? 'met' : '**not met**'}: ${what}, ${name}: ${ratio.toFixed(2)}`,
    )
    .join('\n');
}

publish('gateway-shadow', 'Shadowing: what the client notices, and what it costs', [
  `GET of 300 bytes of JSON whose members come in another order from the new side. ${perSecond} requests/s on 64 connections for the latencies, 32 requests in flight for the load; gateway ${canPin ? 'pinned to one core; load and both sides on the other' : 'not pinned'}; ${values.rounds} interleaved slices of ${values.seconds} s, medians of the slices' figures. CPU is user and system time of the gateway.`,
  toTable(
    ['phase', 'p50 ms', 'p99 ms', 'CPU µs/request', 'CPU µs/request, full load', 'compared of those that were chosen'],
    rows,
  ),
  verdicts(),
  'A copy is sent once the client has its answer; where more than 64 are under way, further ones are left out and counted. On two cores the load and both sides share one, so that p99 varies by more than its bar from run to run.',
]);
for (const { pid } of [legacy, fresh]) process.kill(pid, 'SIGKILL');
process.exit(0);
