// Redis for tests: in a container, or the system's redis-server on a port of its own with what it
// keeps in a folder of its own.
import { connect } from 'node:net';
import { createClient } from '@redis/client';
import { freePorts } from '../cluster/free-ports.ts';
import { type NativeProcess, startNative } from './native-process.ts';
import { isCommand, type ServiceKind } from './service.ts';

const SETTINGS = { appendonly: 'yes', appendfsync: 'everysec', save: '', 'repl-diskless-sync-delay': '0' };

export const redis: ServiceKind = {
  name: 'Redis',
  variable: 'TENFOLD_TEST_REDIS',
  container: {
    service: 'redis',
    port: 6379,
    command: ['redis-server', ...argumentsOf(SETTINGS)],
    url: port => `redis://127.0.0.1:${port}`,
    isReady: answers,
  },
  isInstalled: () => isCommand('redis-server'),
  async start() {
    const server = await startRedis();
    return { url: server.url, stop: () => server.process.stop() };
  },
};

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly process: NativeProcess;
}

/**
 * One of its own, for tests that break it. `settings` are those of redis.conf; `loading`: it need
 * not have read its data yet. `env`: further variables.
 */
export async function startRedis(
  settings: Readonly<Record<string, string>> = {},
  onPort?: number,
  { loading = false, env = {} }: { loading?: boolean; env?: Readonly<Record<string, string>> } = {},
): Promise<RedisServer> {
  const port = onPort ?? (await freePorts(1))[0] ?? 0;
  const all = { port: String(port), bind: '127.0.0.1', ...SETTINGS, ...settings };
  const process = await startNative({
    name: 'redis',
    command: 'redis-server',
    env,
    args: folder => argumentsOf({ dir: folder, ...all }),
    isReady: () => answers(port, loading ? /^(\+PONG|-LOADING)/ : undefined),
  });
  return { url: `redis://127.0.0.1:${port}`, port, process };
}

function argumentsOf(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/**
 * What makes a server that is started anew read its data so slowly that it can be met at it;
 * `key-load-delay` can be set to 0 meanwhile.
 */
export const loadingSlowly = (usPerKey: number): Readonly<Record<string, string>> => ({
  'key-load-delay': String(usPerKey),
  'loading-process-events-interval-bytes': '1024',
});

/** What a client of its own is answered. */
export async function askRedis({ url }: Pick<RedisServer, 'url'>, ...args: readonly string[]): Promise<unknown> {
  const client = await createClient({ url, RESP: 2 }).connect();
  try {
    return await client.sendCommand<unknown>(args);
  } finally {
    client.destroy();
  }
}

/** Also when it wants a password first. */
export function answers(port: number, as = /^(\+PONG|-NOAUTH)/): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const finish = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('data', data => finish(as.test(data.toString())));
  });
}
