// CPU time of a request: our runtime under load with V8's sampling profiler,
// grouped by whose code it is.
import { profiled } from '../measure/cpu-profile.ts';
import { load, toRequest } from '../measure/load.ts';
import { publish, toTable } from '../measure/report.ts';
import { pinSelf, startServer } from '../measure/server-process.ts';
import { order } from './runtime/payload.mjs';

const WARM_UP_MS = 1500;
const DURATION_MS = 4000;
const GROUPS = [
  'writing to the socket (system call)',
  'C++ of Node: parser, polling, reading',
  'JavaScript of node:http and streams',
  'the runtime and the SDK',
  'the function',
  'JSON',
  'garbage collector',
];
const body = JSON.stringify(order);
const rows = GROUPS.map(name => [name]);

pinSelf(0);
for (const method of ['GET', 'POST']) {
  const shares = await profile(method, toRequest(method, '/', method === 'POST' ? body : undefined));
  for (const [index, name] of GROUPS.entries()) rows[index]?.push(`${((shares.get(name) ?? 0) * 100).toFixed(1)}%`);
}
publish('runtime-profile', 'Where the time of a request goes', [
  `CPU samples of the server's process under full load on one core, ${DURATION_MS / 1000} s for each method; idle time left out.`,
  toTable(['', 'GET', 'POST'], rows),
]);
process.exit(0);

async function profile(method: string, request: Buffer): Promise<Map<string, number>> {
  const shares = await profiled(groupOf, DURATION_MS, async flags => {
    const words = [...flags, '../../dist/runtime/main.js', 'runtime/tenfold-function.mjs'];
    const server = await startServer(words, 1, import.meta.dirname);
    await load({ port: server.port, connections: 32, durationMs: WARM_UP_MS + DURATION_MS, request });
    console.error(`${method} done`);
    return server;
  });
  return new Map(shares);
}

/** Undefined for idle time. */
function groupOf(name: string, url: string): string | undefined {
  if (name === '(idle)' || name === '(root)') return undefined;
  if (name === '(garbage collector)') return GROUPS[6];
  if (/^write(Utf8|Latin1)String$|^writev$|^writeBuffer$/.test(name)) return GROUPS[0];
  if (url === '' || name === '(program)') return GROUPS[1];
  if (url.startsWith('node:')) return GROUPS[2];
  if (/^(json|parseJson)$/.test(name)) return GROUPS[5];
  return url.includes('tenfold-function') ? GROUPS[4] : GROUPS[3];
}
