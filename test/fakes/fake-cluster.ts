// The API server of a cluster in which one platform runs: it leads to the admin port of that, as
// port-forward of kubectl does.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { frameOf, readFrames } from './web-socket-frames.ts';

const ITEMS: Readonly<Record<string, object>> = {
  services: { metadata: { name: 'tenfold-admin' }, spec: { selector: { app: 'tenfold' }, ports: [{ port: 9090 }] } },
  pods: { metadata: { name: 'tenfold-0' }, spec: { containers: [] }, status: { phase: 'Running' } },
};
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Resolves with its address. */
export async function startFakeCluster(adminPort: number): Promise<{ readonly server: string; close(): void }> {
  const server = createServer(({ url = '' }, response) => {
    const kind = new URL(url, 'http://x').pathname.split('/').at(-1) ?? '';
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ items: [ITEMS[kind]] }));
  });
  server.on('upgrade', ({ headers }, socket: Socket) => {
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${GUID}`).digest('base64');
    const words = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'];
    const more = [`Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${headers['sec-websocket-protocol']}`];
    socket.write(`${[...words, ...more].join('\r\n')}\r\n\r\n`);
    const admin = connect(adminPort, '127.0.0.1');
    // The data of a stream begin with the number of the port.
    socket.write(frameOf(Buffer.of(0, 0, 0)));
    admin.on('data', chunk => socket.write(frameOf(Buffer.concat([Buffer.of(0), chunk]))));
    readFrames(socket, content => admin.write(content.subarray(1)));
    for (const [one, other] of [[socket, admin] as const, [admin, socket] as const])
      one.on('error', () => {}).on('close', () => other.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close().closeAllConnections(),
  };
}
