// Keeps one client from holding all connections of a listener: those of one network are bounded,
// and near a bound the oldest idle one is closed.
import type { BlockList, Socket } from 'node:net';
import { isIP } from 'node:net';
import { clientNetwork } from '../http/client-network.ts';
import { peerAddress } from '../http/peer-address.ts';

export interface ConnectionLimits {
  /** Connections of all clients together. */
  readonly max: number;
  /** Connections of one IPv4 address, or one /64 of IPv6. */
  readonly perClient: number;
}

/** Counts the fates of connections, for metrics. */
export interface ConnectionCounts {
  open: number;
  /** Closed while idle, to make room for others. */
  reaped: number;
  /** Not taken, as the client, or all together, had as many as they may and none was idle. */
  refusedOfClient: number;
  refused: number;
}

export function createConnectionCounts(): ConnectionCounts {
  return { open: 0, reaped: 0, refusedOfClient: 0, refused: 0 };
}

/** From this share of `max` on idle connections make room. */
const NEAR = 0.9;

interface Client {
  open: number;
  /** Without a request, the one that has been so for the longest time first. */
  readonly idle: Set<Held>;
}

interface Held {
  readonly socket: Socket;
  /** A socket that has ended no longer knows its addresses. */
  readonly key: string;
  readonly network: string;
  readonly client: Client;
  /** Requests that are being answered. */
  active: number;
}

/** TLS has sockets of its own, so connections are known by their addresses. */
export interface ConnectionGuard {
  opened(socket: Socket): void;
  /** The listener has taken no connection, as there are as many as there may be. */
  dropped(): void;
  busy(socket: Socket): void;
  done(socket: Socket): void;
}

/** `exempt`: proxies, behind each of which are many clients. */
export function createConnectionGuard(
  limits: ConnectionLimits,
  counts: ConnectionCounts,
  exempt?: BlockList,
): ConnectionGuard {
  const clients = new Map<string, Client>();
  const all = new Map<string, Held>();
  /** Idle connections of all clients together, in the same order. */
  const idle = new Set<Held>();
  const near = Math.max(1, Math.floor(limits.max * NEAR));

  const setIdle = (held: Held, is: boolean) => {
    for (const set of [idle, held.client.idle]) {
      set.delete(held);
      if (is) set.add(held);
    }
  };
  const forget = (held: Held) => {
    if (all.get(held.key) !== held) return;
    all.delete(held.key);
    setIdle(held, false);
    counts.open--;
    if (--held.client.open === 0) clients.delete(held.network);
  };
  const close = (held: Held) => {
    forget(held);
    held.socket.destroy();
  };
  const makeRoom = (among: ReadonlySet<Held>, but?: Held): boolean => {
    for (const held of among) {
      if (held === but) continue;
      counts.reaped++;
      close(held);
      return true;
    }
    return false;
  };

  return {
    opened(socket) {
      const address = peerAddress(socket);
      const network = clientNetwork(address);
      const client = clients.get(network) ?? { open: 0, idle: new Set<Held>() };
      const held: Held = { socket, key: keyOf(socket), network, client, active: 0 };
      clients.set(network, client);
      all.set(held.key, held);
      client.open++;
      counts.open++;
      setIdle(held, true);
      socket.once('close', () => forget(held));
      const bounded = exempt === undefined || !isIn(exempt, address);
      if (bounded && client.open > limits.perClient && !makeRoom(client.idle, held)) {
        counts.refusedOfClient++;
        close(held);
      } else if (counts.open > near) makeRoom(idle, held);
    },
    dropped() {
      counts.refused++;
      makeRoom(idle);
    },
    busy(socket) {
      const held = all.get(keyOf(socket));
      if (held && held.active++ === 0) setIdle(held, false);
    },
    done(socket) {
      const held = all.get(keyOf(socket));
      if (held && --held.active === 0) setIdle(held, true);
    },
  };
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function isIn(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
