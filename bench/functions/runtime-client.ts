// One internal call: our client over node:http's agent against undici's two ways, and what
// loading each costs a cold start.
import { execFileSync } from 'node:child_process';
import { request as undiciRequest } from 'undici';
import { createHttpTransport } from '../../sdk/client/http-transport.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { startServer } from '../measure/server-process.ts';
import { order } from './runtime/payload.mjs';

const ROUNDS = 9;
const ROUND_MS = 400;
const CONCURRENCY = 16;

const here = import.meta.dirname;
const server = await startServer(['runtime/raw.mjs'], 1, here);
const url = `http://127.0.0.1:${server.port}`;
const body = JSON.stringify(order);
const transport = createHttpTransport({ url, keyHeader: { name: 'tenfold-key', value: () => 'bench' } });
const headers = { 'content-type': 'application/json' };
/** One for each call, as the clients of a context have. */
const fresh = () => new AbortController().signal;

const clients: ReadonlyArray<readonly [name: string, call: () => Promise<unknown>, load: string]> = [
  [
    'ours (node:http agent)',
    async () =>
      JSON.parse((await transport({ method: 'POST', target: '/', headers, body, signal: fresh() })).body.toString()),
    "process.getBuiltinModule('node:http')",
  ],
  [
    'undici request()',
    async () => (await undiciRequest(`${url}/`, { method: 'POST', headers, body, signal: fresh() })).body.json(),
    "require('undici')",
  ],
  ['fetch()', async () => (await fetch(`${url}/`, { method: 'POST', headers, body, signal: fresh() })).json(), 'fetch'],
];

async function measure(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  const until = performance.now() + ROUND_MS;
  let calls = 0;
  const worker = async () => {
    while (performance.now() < until) {
      await call();
      calls++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function loadMs(expression: string): number {
  const script = `const t=performance.now();${expression};process.stdout.write(String(performance.now()-t))`;
  return Number(execFileSync(process.execPath, ['-e', script], { cwd: here, encoding: 'utf8' }));
}

const samples = clients.map(() => ({ cpu: [] as number[], load: [] as number[] }));
for (let round = 0; round <= ROUNDS; round++) {
  for (const [index, [, call, load]] of clients.entries()) {
    const cpu = await measure(call);
    // Round 0 warms up.
    if (round > 0) {
      samples[index]?.cpu.push(cpu);
      samples[index]?.load.push(loadMs(load));
    }
  }
}
server.stop();
const [ours = 0] = samples.map(one => median(one.cpu));
const rows = clients.map(([name], index) => {
  const cpu = median(samples[index]?.cpu ?? []);
  return [name, cpu.toFixed(1), `${(cpu / ours).toFixed(2)}×`, median(samples[index]?.load ?? []).toFixed(1)];
});
publish('runtime-client', 'One internal call: POST of 200 bytes of JSON and its answer', [
  `${CONCURRENCY} calls in flight over kept connections; median of ${ROUNDS} interleaved rounds of ${ROUND_MS} ms; CPU of the calling process.`,
  toTable(['', 'CPU µs/call', 'to ours', 'load, ms'], rows),
]);
process.exit(0);
