// Our runtime against raw node:http and three peers: GET and POST of 200 bytes of JSON, one
// core, rounds interleaved.
// Needs `npm ci` in bench/ and `node scripts/build.ts sdk runtime`; `--seconds 1 --rounds 3 --only
// raw,tenfold` for a quick look.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load, toRequest } from '../measure/load.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf, type ServerProcess, startServer } from '../measure/server-process.ts';
import { order } from './runtime/payload.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    connections: { type: 'string', default: '32' },
  },
});
const durationMs = Number(values.seconds) * 1000;
const connections = Number(values.connections);
const production = { NODE_ENV: 'production' };

const servers: ReadonlyArray<readonly [name: string, args: readonly string[], env: NodeJS.ProcessEnv]> = [
  ['raw', ['runtime/raw.mjs'], production],
  ['tenfold', ['../../dist/runtime/main.js', 'runtime/tenfold-function.mjs'], production],
  ['tenfold, routed', ['../../dist/runtime/main.js', 'runtime/tenfold-routed.mjs'], production],
  [
    'functions-framework',
    ['../node_modules/.bin/functions-framework', '--target=bench', '--source=runtime/functions-framework.mjs'],
    production,
  ],
  ['faas-js-runtime', ['runtime/faas-js-runtime.mjs'], production],
  ['OpenFaaS-like Express', ['runtime/openfaas-express.mjs'], production],
];
const body = JSON.stringify(order);
const methods = ['GET', 'POST'] as const;
/** Only the routed function has routes; one of the peers serves nothing but the root. */
const requestOf = (method: string, name: string) =>
  toRequest(method, name === 'tenfold, routed' ? '/orders/1' : '/', method === 'POST' ? body : undefined);

pinSelf(0);
const only = values.only.split(',').filter(Boolean);
const running: Array<[name: string, server: ServerProcess]> = [];
for (const [name, args, env] of servers) {
  if (only.length === 0 || only.includes(name)) running.push([name, await startServer(args, 1, here, env)]);
}

const samples = new Map<string, Array<{ rate: number; cpuUs: number }>>();
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const method of methods) {
    for (const [name, server] of running) {
      const before = server.cpuMs();
      const { requests, seconds } = await load({
        port: server.port,
        connections,
        durationMs,
        request: requestOf(method, name),
      });
      const sample = { rate: requests / seconds, cpuUs: ((server.cpuMs() - before) * 1000) / requests };
      // Round 0 warms up.
      if (round > 0) samples.set(`${method} ${name}`, [...(samples.get(`${method} ${name}`) ?? []), sample]);
    }
  }
}
for (const [, server] of running) server.stop();

const rows: string[][] = [];
const rawToExpress: number[] = [];
for (const method of methods) {
  const of = (name: string) => {
    const all = samples.get(`${method} ${name}`) ?? [];
    return { rate: median(all.map(one => one.rate)), cpuUs: median(all.map(one => one.cpuUs)) };
  };
  const ours = of('tenfold');
  const raw = of('raw');
  rawToExpress.push(raw.rate / of('OpenFaaS-like Express').rate);
  for (const [name] of running) {
    const { rate, cpuUs } = of(name);
    const cells = [Math.round(rate).toLocaleString('en'), cpuUs.toFixed(1)];
    rows.push([
      method,
      name,
      ...cells,
      `${((100 * rate) / raw.rate).toFixed(0)}%`,
      `${(ours.rate / rate).toFixed(2)}×`,
    ]);
  }
}
publish('runtime', 'Function runtime: GET and POST of 200 bytes of JSON', [
  `${connections} connections, one request in flight on each; server ${canPin ? 'pinned to one core, load from the other' : 'not pinned'}; median of ${values.rounds} interleaved rounds of ${values.seconds} s. CPU is user and system time of the server's process.`,
  toTable(['', 'server', 'requests/s', 'CPU µs/request', 'of raw node:http', 'tenfold is'], rows),
  `Bars: at least 95% of raw node:http; at least 3× each of the three peers. Raw node:http itself is ${rawToExpress.map(ratio => `${ratio.toFixed(2)}×`).join(' (GET) and ')} (POST) the Express server, so 3× that one is out of reach of any server on node:http; runtime-profile.md shows what the time is spent on.`,
]);
process.exit(0);
