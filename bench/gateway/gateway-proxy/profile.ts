// CPU time of a proxied request: V8's sampling profiler on our gateway under load, grouped by whose
// code it is.
import { profiled } from '../../measure/cpu-profile.ts';
import { load } from '../../measure/load.ts';
import { startServer } from '../../measure/server-process.ts';

/** Samples of start and compilers are left out. */
const WARM_UP_MS = 4_000;
const DURATION_MS = 4_000;

export interface ProfileOptions {
  readonly here: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly request: Buffer;
}

/** Shares of the busy time by group, the largest first. */
export async function profileGateway({ here, args, env, request }: ProfileOptions): Promise<string[][]> {
  const shares = await profiled(groupOf, DURATION_MS, async flags => {
    const server = await startServer([...flags, ...args], 1, here, env);
    const { port } = server;
    await load({ port, connections: 32, durationMs: WARM_UP_MS + DURATION_MS, request, varying: true });
    return server;
  });
  return shares.map(([name, share]) => [name, `${(share * 100).toFixed(1)}%`]);
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
