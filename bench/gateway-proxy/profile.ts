// Where the CPU time of a proxied request goes: V8's sampling profiler on our gateway under load, grouped by whose code it is.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../runtime/load.ts';
import { type ServerProcess, startServer } from '../runtime/server-process.ts';

interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }>;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What the profile shows of start and compilers is left out. */
const WARM_UP_MS = 4_000;
const DURATION_MS = 4_000;
const WRITE_LIMIT_MS = 10_000;

export interface ProfileOptions {
  readonly here: string;
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly request: Buffer;
}

/** Shares of the busy time by group, the largest first. */
export async function profileGateway({ here, folder, args, env, request }: ProfileOptions): Promise<string[][]> {
  const home = join(folder, 'profile');
  mkdirSync(home);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${home}`, '--cpu-prof-interval', '200'];
  const server = await startServer([...flags, ...args], 1, here, env);
  const { port } = server;
  await load({ port, connections: 32, durationMs: WARM_UP_MS + DURATION_MS, request, varying: true });
  const shares = sharesOf(await profileOf(server, home));
  return shares.map(([name, share]) => [name, `${(share * 100).toFixed(1)}%`]);
}

async function profileOf({ pid }: ServerProcess, home: string): Promise<Profile> {
  process.kill(pid, 'SIGTERM');
  for (const limit = performance.now() + WRITE_LIMIT_MS; performance.now() < limit; await sleep(100)) {
    const file = readdirSync(home).find(name => name.endsWith('.cpuprofile'));
    if (file === undefined) continue;
    try {
      return JSON.parse(readFileSync(join(home, file), 'utf8'));
    } catch {
      // Half written.
    }
  }
  throw new Error('the gateway wrote no profile');
}

function sharesOf({ nodes, samples, timeDeltas }: Profile): [name: string, share: number][] {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame.functionName, callFrame.url)]));
  const until = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const sums = new Map<string, number>();
  let elapsed = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    elapsed += delta;
    const group = groups.get(id);
    // The load ends with the profile: what lies before its second half is start and warm-up.
    if (group !== undefined && elapsed > until - DURATION_MS * 1000) sums.set(group, (sums.get(group) ?? 0) + delta);
  }
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return [...sums].map(([name, value]): [string, number] => [name, value / total]).sort(([, a], [, b]) => b - a);
}

/** Undefined for idle time. */
function groupOf(name: string, url: string): string | undefined {
  if (name === '(idle)' || name === '(root)') return undefined;
  if (name === '(garbage collector)') return 'garbage collector';
  if (/^write(Utf8|Latin1)String$|^writev$|^writeBuffer$/.test(name)) return 'writing to both sockets (system calls)';
  if (url.includes('/gateway/transport/')) return 'our transport, its parser included';
  if (url === '' || name === '(program)') return 'C++ of Node: parser, polling, reading';
  if (url.startsWith('node:')) return 'JavaScript of node:http, net, streams and timers';
  return url.includes('/node_modules/') ? 'other packages' : 'the gateway';
}
