// A Redis Cluster for tests: servers without replicas, each with a part of the slots.
import assert from 'node:assert/strict';
import { freePorts } from '../cluster/free-ports.ts';
import { eventually } from '../eventually.ts';
import { askRedis, type RedisServer, startRedis } from './redis.ts';

export interface RedisCluster {
  readonly servers: readonly RedisServer[];
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

const SLOTS = 16384;

export async function startRedisCluster(nodes = 3): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const buses = new Map<RedisServer, number>();
  const stop = async () => {
    await Promise.all(servers.map(server => server.process.stop()));
  };
  const isWhole = async (server: RedisServer) => {
    const info = String(await askRedis(server, 'CLUSTER', 'INFO'));
    return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes}`);
  };
  try {
    for (let n = 0; n < nodes; n++) {
      const { server, bus } = await startClusterNode({ 'cluster-node-timeout': '2000' });
      servers.push(server);
      buses.set(server, bus);
    }
    const [first, ...others] = servers;
    assert.ok(first);
    for (const [n, server] of servers.entries()) {
      const [from, to] = [Math.floor((SLOTS * n) / nodes), Math.floor((SLOTS * (n + 1)) / nodes) - 1];
      await askRedis(server, 'CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
      await askRedis(server, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    }
    for (const other of others)
      await askRedis(first, 'CLUSTER', 'MEET', '127.0.0.1', String(other.port), String(buses.get(other)));
    const whole = async () => (await Promise.all(servers.map(isWhole))).every(Boolean);
    await eventually(whole, 'all know each other');
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, urls: servers.map(({ url }) => url), stop };
}

/**
 * One node, also once more at the ports that it had. Redis would take the port 10,000 above its own
 * for the talk between nodes, which may be that of a connection.
 */
export async function startClusterNode(
  settings: Readonly<Record<string, string>>,
  at?: { readonly port: number; readonly bus: number },
): Promise<{ readonly server: RedisServer; readonly bus: number }> {
  const bus = at?.bus ?? (await freePorts(1))[0] ?? 0;
  const clustered = { ...settings, 'cluster-enabled': 'yes', 'cluster-port': String(bus) };
  const server = await startRedis(clustered, at?.port);
  return { server, bus };
}
