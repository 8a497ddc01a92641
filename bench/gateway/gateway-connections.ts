// The costs of `connections.reuse` of a route: safe, always and never, for GET and for POST of 1
// KB; CPU per request of the gateway and of the server behind it. `--seconds 0.5 --rounds 2` for a
// quick look.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, startServer } from '../measure/server-process.ts';

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
const WAYS = ['always', 'safe', 'never'] as const;
const KILOBYTE = JSON.stringify({ text: 'x'.repeat(1024 - '{"text":""}'.length) });
const REQUESTS = [
  ['GET', undefined],
  ['POST', KILOBYTE],
] as const;

pinSelf(0);
const upstream = await startServer(['gateway-connections/upstream.mjs'], 0, here);
const source = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
const env = { NODE_ENV: 'production', UPSTREAM: `http://127.0.0.1:${upstream.port}` };
const gateway = await startServer([...source, 'gateway-connections/tenfold.ts'], 1, here, env);

interface Sample {
  readonly rate: number;
  readonly cpuUs: number;
  readonly upstreamUs: number;
}
/** Rounds before the first that counts: the compilers need some ten thousand requests. */
const WARM_UP = 2;
const samples = new Map<string, Sample[]>();
for (let round = 0; round < WARM_UP + Number(values.rounds); round++) {
  for (const [method, body] of REQUESTS)
    for (const way of WAYS) {
      const request = toRequest(method, `/shop/${way}`, body);
      const [before, upstreamBefore] = [gateway.cpuMs(), upstream.cpuMs()];
      const { requests, seconds } = await load({ port: gateway.port, connections, durationMs, request, varying: true });
      const sample = {
        rate: requests / seconds,
        cpuUs: ((gateway.cpuMs() - before) * 1000) / requests,
        upstreamUs: ((upstream.cpuMs() - upstreamBefore) * 1000) / requests,
      };
      const name = `${method} ${way}`;
      if (round >= WARM_UP) samples.set(name, [...(samples.get(name) ?? []), sample]);
    }
}
gateway.stop();
upstream.stop();

const of = (name: string, figure: keyof Sample) => median((samples.get(name) ?? []).map(sample => sample[figure]));
const rows = REQUESTS.flatMap(([method]) =>
  WAYS.map(way => {
    const name = `${method} ${way}`;
    const cpuUs = of(name, 'cpuUs');
    return [
      `${method}${method === 'POST' ? ' of 1 KB' : ''}, \`${way}\``,
      Math.round(of(name, 'rate')).toLocaleString('en'),
      cpuUs.toFixed(1),
      `${(cpuUs / of(`${method} always`, 'cpuUs')).toFixed(2)}×`,
      of(name, 'upstreamUs').toFixed(1),
    ];
  }),
);
publish('gateway-connections', 'What it costs to use connections once', [
  `300 bytes of JSON from a \`url\` over HTTP/1.1 on the loopback address, metrics included. ${connections} connections of clients, one request in flight on each; gateway ${canPin ? 'pinned to one core, load and upstream on the other' : 'not pinned'}; medians of ${values.rounds} interleaved rounds of ${values.seconds} s. CPU is user and system time of the process. ${loadNow()}`,
  toTable(['', 'requests/s', 'CPU µs/request', 'of `always`', 'upstream CPU µs'], rows),
  'On the loopback address opening a connection takes no round trip; in a network it adds one to each request that opens one.',
]);
process.exit(0);
