// Finds loopback ports for programs that cannot be told to choose one themselves. Nobody else gets
// such a port while this process lives, so a program can be started there later, and started anew.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';
/** Below the ports that nodes of Kubernetes open. */
const END = 30_000;
const MOST = 10_000;
const LINUX_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

const { first, count: many } = rangeBelow(leastOfConnections());
let next = Math.floor(Math.random() * many);

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried === many) throw new Error(`No ${count} ports between ${first} and ${first + many} are free.`);
    const port = first + next;
    next = (next + 1) % many;
    if (await claim(port)) ports.push(port);
  }
  return ports;
}

/**
 * The claim on a port is the UDP port of the same number, as none of these programs uses UDP: the
 * system gives it to one process, and takes it back when that ends, however it ends.
 */
async function claim(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const isClaimed = await new Promise<boolean>(resolve => {
    socket.once('error', () => resolve(false));
    socket.bind({ port, address: HOST, exclusive: true }, () => resolve(true));
  });
  if (isClaimed && (await isFree(port))) {
    socket.unref();
    return true;
  }
  socket.close();
  return false;
}

/** A program may have outlived the process that claimed its port. */
function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

/**
 * Of the ports that the system gives to none of its connections and to no port 0. Where it keeps
 * none, any of ours may be taken in between; that is rare among so many.
 */
function rangeBelow(least: number): { readonly first: number; readonly count: number } {
  const end = least < 2 * MOST ? END : Math.min(least, END);
  return { first: end - MOST, count: MOST };
}

/** The lowest port that the system gives to a connection: 32768 under Linux, unless it is set. */
function leastOfConnections(): number {
  try {
    return Number.parseInt(readFileSync(LINUX_RANGE, 'utf8'), 10);
  } catch {
    // Other systems begin at 49152, as IANA has it.
    return 49_152;
  }
}
