// Three brokers, each behind a proxy and on a small disk of its own that can be filled, where this
// machine lets us mount one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KafkaCluster, type KafkaNode, startKafka } from '../../services/kafka.ts';
import { startProxy, type TcpProxy } from '../../services/proxy.ts';
import { type SmallDisk, startSmallDisk } from './small-disk.ts';

export interface Broker {
  readonly name: string;
  readonly node: KafkaNode;
  readonly proxy: TcpProxy;
  readonly disk: SmallDisk;
}

export interface Brokers {
  readonly all: readonly [Broker, ...Broker[]];
  /** What clients are told. */
  readonly addresses: readonly string[];
  /** Which one leads the quorum, by what the others have noted. */
  controller(): Broker;
  close(): Promise<void>;
}

const COUNT = 3;
/** Of memory only what is used is taken. */
const DISK_MB = 8192;

export async function startBrokers(): Promise<Brokers> {
  const proxies: TcpProxy[] = [];
  const disks: SmallDisk[] = [];
  let cluster: KafkaCluster | undefined;
  const close = async () => {
    await cluster?.stop();
    await Promise.all([...proxies.map(proxy => proxy.close()), ...disks.map(disk => disk.close())]);
  };
  try {
    for (let index = 0; index < COUNT; index++) {
      proxies.push(await startProxy(1));
      disks.push(await startSmallDisk(DISK_MB));
    }
    cluster = await startKafka({
      nodes: COUNT,
      disk: id => disks[id - 1]?.folder,
      environment: id => disks[id - 1]?.environment,
      advertised(id, port) {
        proxies[id - 1]?.lead(port);
        return proxies[id - 1]?.port ?? port;
      },
    });
  } catch (error) {
    await close();
    throw error;
  }
  const [first, ...others] = cluster.nodes.map((node, index): Broker => {
    const [proxy, disk] = [proxies[index], disks[index]];
    if (!proxy || !disk) throw new Error('A broker has no proxy.');
    return { name: `broker ${index + 1}`, node, proxy, disk };
  });
  if (!first) throw new Error('There are no brokers.');
  const all = [first, ...others] as const;
  return {
    all,
    addresses: proxies.map(({ port }) => `127.0.0.1:${port}`),
    controller() {
      const votes = all.map(({ disk }) => quorumOf(disk.folder)).sort((a, b) => b.epoch - a.epoch);
      return all[(votes[0]?.leader ?? 1) - 1] ?? first;
    },
    close,
  };
}

function quorumOf(disk: string): { readonly epoch: number; readonly leader: number } {
  try {
    const state = JSON.parse(readFileSync(join(disk, '__cluster_metadata-0', 'quorum-state'), 'utf8'));
    // While there is an election nobody leads.
    return { epoch: state.leaderEpoch, leader: state.leaderId > 0 ? state.leaderId : 1 };
  } catch {
    // It is being written.
    return { epoch: -1, leader: 1 };
  }
}
