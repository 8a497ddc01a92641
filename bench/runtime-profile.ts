// Where a request's CPU time goes: our runtime under load with V8's sampling profiler, grouped by whose code it is.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load, toRequest } from './runtime/load.ts';
import { order } from './runtime/payload.mjs';
import { publish, toTable } from './runtime/report.ts';
import { pinSelf, startServer } from './runtime/server-process.ts';

interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }>;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

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
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-profile-'));
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', '200'];
  const server = await startServer(
    [...flags, '../dist/runtime/main.js', 'runtime/tenfold-function.mjs'],
    1,
    import.meta.dirname,
  );
  await load({ port: server.port, connections: 32, durationMs: WARM_UP_MS + DURATION_MS, request });
  process.kill(server.pid, 'SIGTERM');
  let file: string | undefined;
  while (file === undefined) {
    await sleep(50);
    file = readdirSync(folder).find(name => name.endsWith('.cpuprofile'));
  }
  await sleep(500);
  const shares = sharesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  rmSync(folder, { recursive: true });
  console.error(`${method} done`);
  return shares;
}

function sharesOf({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame.functionName, callFrame.url)]));
  const sums = new Map<string, number>();
  let elapsed = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    elapsed += delta;
    const group = groups.get(id);
    if (group !== undefined && elapsed > WARM_UP_MS * 1000) sums.set(group, (sums.get(group) ?? 0) + delta);
  }
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return new Map([...sums].map(([name, value]) => [name, value / total]));
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
