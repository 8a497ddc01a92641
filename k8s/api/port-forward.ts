// A way to a port of a pod, through the API server and the kubelet, as `kubectl port-forward` opens
// it: each connection to a port of this machine is one WebSocket.
import { Server, type Socket } from 'node:net';
import { Agent, WebSocket } from 'undici';
import { callerConnections } from '../../core/http/keep-alive.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { tlsOptionsOf } from './kube-client.ts';

export interface PortForward {
  /** A port of the loopback address of this machine. */
  readonly port: number;
  /** Why the last connection did not come through; undefined while all do. */
  failure(): string | undefined;
  close(): void;
}

export interface PortForwardOptions {
  readonly access: ClusterAccess;
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** Data and errors share a connection; the first byte of a message names the stream. */
const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
/** Each stream begins with the number of the port. */
const PREFIX_BYTES = 2;

export async function openPortForward(options: PortForwardOptions): Promise<PortForward> {
  const { access, namespace, pod, port } = options;
  const dispatcher = new Agent({ ...callerConnections, allowH2: false, connect: tlsOptionsOf(access) });
  const address = new URL(`${access.server}/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`);
  address.protocol = address.protocol === 'http:' ? 'ws:' : 'wss:';
  const open = new Set<Connection>();
  let failure: string | undefined;
  const server = new Server({ pauseOnConnect: true }, async socket => {
    // Its data waits until there is a way for it.
    socket.on('error', () => socket.destroy());
    try {
      const token = await access.token?.();
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const far = new WebSocket(address, { protocols: [PROTOCOL], headers, dispatcher });
      const connection = connect(socket, far, reason => {
        failure = reason;
      });
      open.add(connection);
      far.addEventListener('close', () => open.delete(connection));
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      socket.destroy();
    }
  });
  await listenOnLoopback(server);
  const listening = server.address();
  return {
    port: typeof listening === 'object' && listening !== null ? listening.port : 0,
    failure: () => failure,
    close() {
      server.close();
      for (const connection of open) connection.close();
      void dispatcher.destroy();
    },
  };
}

interface Connection {
  close(): void;
}

function connect(near: Socket, far: WebSocket, failed: (reason: string) => void): Connection {
  const begun = new Set<number>();
  far.binaryType = 'arraybuffer';
  far.addEventListener('open', () => {
    near.on('data', chunk => far.send(Buffer.concat([Buffer.of(DATA), chunk])));
    near.resume();
  });
  far.addEventListener('message', ({ data }) => {
    const message = Buffer.from(data as ArrayBuffer);
    const stream = message[0] ?? DATA;
    const content = message.subarray(begun.has(stream) ? 1 : 1 + PREFIX_BYTES);
    begun.add(stream);
    if (stream === DATA) near.write(content);
    else if (content.length > 0) {
      failed(content.toString('utf8').trim());
      near.destroy();
    }
  });
  far.addEventListener('error', ({ error, message }) => failed(error instanceof Error ? reasonOf(error) : message));
  far.addEventListener('close', ({ reason }) => {
    if (reason !== '') failed(reason);
    near.end();
  });
  near.on('close', () => far.close());
  return {
    close() {
      near.destroy();
      far.close();
    },
  };
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function listenOnLoopback(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
