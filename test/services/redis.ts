// Redis for tests: in a container, or the system's redis-server on a port of its own with what it keeps in a folder of its own.
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

/** One of its own, for tests that break it. `settings` are those of redis.conf. */
export async function startRedis(
  settings: Readonly<Record<string, string>> = {},
  onPort?: number,
): Promise<RedisServer> {
  const port = onPort ?? (await freePorts(1))[0] ?? 0;
  const all = { port: String(port), bind: '127.0.0.1', ...SETTINGS, ...settings };
  const process = await startNative({
    name: 'redis',
    command: 'redis-server',
    args: folder => argumentsOf({ dir: folder, ...all }),
    isReady: () => answers(port),
  });
  return { url: `redis://127.0.0.1:${port}`, port, process };
}

function argumentsOf(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

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
export function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const finish = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('data', data => finish(/^(\+PONG|-NOAUTH)/.test(data.toString())));
  });
}
