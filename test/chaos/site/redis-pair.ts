// Redis with a replica behind one address: it can be stopped, killed, told to refuse, and give way
// to a replica that has missed the last second.
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startProxy, type TcpProxy } from '../../services/proxy.ts';
import { answers, loadingSlowly, type RedisServer, startRedis } from '../../services/redis.ts';

export interface RedisPair {
  readonly proxy: TcpProxy;
  /** Of whichever is the primary now. */
  readonly url: string;
  signal(signal: NodeJS.Signals): void;
  /** As after a crash. */
  kill(): Promise<void>;
  /** Again, with what it had on its disk. */
  start(): Promise<void>;
  /** The same, but it answers LOADING to all else for so long, if it has much to read. */
  startLoading(lengthMs: number): Promise<void>;
  command(...args: readonly string[]): Promise<unknown>;
  /**
   * The replica takes over without what was written in the last `lostMs`, and
   * gets a replica of its own.
   */
  failOver(lostMs: number): Promise<void>;
  close(): Promise<void>;
}

/** For each key, or each command in the file of those. */
const LOADING_US = 500;

interface Member {
  server: RedisServer;
  readonly settings: Record<string, string>;
}

export async function startRedisPair(): Promise<RedisPair> {
  const start = async (replicaOf?: RedisServer): Promise<Member> => {
    const settings = {
      dir: tempFolder(),
      'maxmemory-policy': 'noeviction',
      ...(replicaOf ? { replicaof: `127.0.0.1 ${replicaOf.port}` } : {}),
    };
    return { server: await startRedis(settings), settings };
  };
  let primary = await start();
  const proxy = await startProxy(primary.server.port);
  let replica = await start(primary.server);
  const ended: RedisServer[] = [];
  return {
    proxy,
    url: `redis://127.0.0.1:${proxy.port}`,
    signal: signal => primary.server.process.signal(signal),
    async kill() {
      primary.server.process.signal('SIGKILL');
      await primary.server.process.stop();
    },
    async start() {
      primary.server = await startRedis(primary.settings, primary.server.port);
    },
    async startLoading(lengthMs) {
      const settings = { ...primary.settings, ...loadingSlowly(LOADING_US) };
      primary.server = await startRedis(settings, primary.server.port, { loading: true });
      await pause(lengthMs);
      await ask(primary.server, ['CONFIG', 'SET', 'key-load-delay', '0']);
      await eventually(() => answers(primary.server.port), 'all is loaded');
    },
    command: (...args) => ask(primary.server, args),
    async failOver(lostMs) {
      const follows = async () =>
        /master_link_status:up/.test(String(await ask(replica.server, ['INFO', 'replication'])));
      await eventually(follows, 'the replica follows');
      // Its network is gone first: what is written now it never sees.
      await ask(replica.server, ['REPLICAOF', 'NO', 'ONE']);
      await pause(lostMs);
      primary.server.process.signal('SIGKILL');
      ended.push(primary.server);
      proxy.turnTo(replica.server.port);
      delete replica.settings['replicaof'];
      primary = replica;
      replica = await start(primary.server);
    },
    async close() {
      await Promise.all([primary.server, replica.server, ...ended].map(({ process }) => process.stop()));
      await proxy.close();
    },
  };
}

async function ask(server: RedisServer, args: readonly string[]): Promise<unknown> {
  const client = await createClient({ url: server.url, RESP: 2, socket: { reconnectStrategy: false } })
    .on('error', () => {})
    .connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}
