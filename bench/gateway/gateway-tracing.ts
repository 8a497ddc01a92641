// The cost of tracing for the gateway as a plain proxy: off, at 1% and at 100% sampling. CPU is
// that of the whole process, with the thread that sends. `--rounds 3` is a quick look.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';
import { SOURCE } from './gateway-proxy/peers.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
    connections: { type: 'string', default: '32' },
  },
});
const connections = Number(values.connections);
const durationMs = Number(values.seconds) * 1000;

interface Variant {
  readonly name: string;
  /** Undefined: no collector. */
  readonly sampling: string | undefined;
  /** The most CPU and p99, as a multiple of those without tracing. */
  readonly bars: readonly [cpu: number, p99: number];
}

/** Two processes without tracing: their difference is the noise of the measurement. */
const VARIANTS: readonly Variant[] = [
  { name: 'off', sampling: undefined, bars: [1, 1] },
  { name: 'off, again', sampling: undefined, bars: [1.005, 1.1] },
  { name: '1%', sampling: '0.01', bars: [1.02, 1.1] },
  { name: '100%', sampling: '1', bars: [1.1, 1.1] },
];

process.setMaxListeners(0);
pinSelf(0);
const upstream = await startServer(['gateway-proxy/upstream.mjs'], 0, here);
const collector = await startServer(['gateway-tracing/collector.mjs'], 0, here);
const address = (server: ServerProcess) => `http://127.0.0.1:${server.port}`;
const servers = new Map<Variant, ServerProcess>();
for (const variant of VARIANTS) {
  const { sampling } = variant;
  const traced = sampling === undefined ? {} : { SAMPLING: sampling, COLLECTOR: address(collector) };
  const env = { NODE_ENV: 'production', UPSTREAM: address(upstream), ...traced };
  servers.set(variant, await startServer([...SOURCE, 'gateway-proxy/tenfold.ts'], 1, here, env));
}

const request = toRequest('GET', '/shop/r37/17');
const WARM_UP = 3;
const samples = new Map<Variant, { cpuUs: number; p99: number; rate: number }[]>();
for (let round = 0; round < WARM_UP + Number(values.rounds); round++) {
  for (const [variant, server] of servers) {
    const before = server.cpuMs();
    const done = await load({ port: server.port, connections, durationMs, request, varying: true });
    const sorted = done.latenciesMs.toSorted((one, other) => one - other);
    const sample = {
      cpuUs: ((server.cpuMs() - before) * 1000) / done.requests,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      rate: done.requests / done.seconds,
    };
    if (round >= WARM_UP) samples.set(variant, [...(samples.get(variant) ?? []), sample]);
  }
}
for (const server of [...servers.values(), upstream, collector]) server.stop();

function of(variant: Variant) {
  const all = samples.get(variant) ?? [];
  const middle = (figure: 'cpuUs' | 'p99' | 'rate') => median(all.map(one => one[figure]));
  return { cpuUs: middle('cpuUs'), p99: middle('p99'), rate: middle('rate') };
}
const [off] = VARIANTS;
const base = off && of(off);
if (base === undefined) throw new Error('nothing was measured');
const rows = VARIANTS.map(variant => {
  const { cpuUs, p99, rate } = of(variant);
  const cells = [Math.round(rate).toLocaleString('en'), cpuUs.toFixed(1), (cpuUs / base.cpuUs).toFixed(3)];
  return [variant.name, ...cells, p99.toFixed(2), (p99 / base.p99).toFixed(2)];
});
const verdicts = VARIANTS.slice(1).flatMap(variant => {
  const { cpuUs, p99 } = of(variant);
  const [mostCpu, mostP99] = variant.bars;
  const told = (ratio: number, bar: number, what: string) =>
    `- ${ratio <= bar ? 'met' : '**not met**'}: ${variant.name} ≤ ${bar}× ${what} of off: ${ratio.toFixed(3)}`;
  return [told(cpuUs / base.cpuUs, mostCpu, 'CPU'), told(p99 / base.p99, mostP99, 'p99')];
});
publish('gateway-tracing', 'What tracing costs a plain proxy', [
  `GET of 300 bytes of JSON through 50 routes; two spans for each request, sent in protobuf to a server that drops them. ${connections} connections, one request in flight on each; gateways ${canPin ? 'pinned to one core, load, upstream and collector on the other' : 'not pinned'}; medians of ${values.rounds} interleaved rounds of ${values.seconds} s.`,
  toTable(['sampling', 'requests/s', 'CPU µs/request', 'of off', 'p99 ms', 'of off'], rows),
  verdicts.join('\n'),
]);
process.exit(0);
