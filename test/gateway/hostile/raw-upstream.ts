// An upstream that answers with bytes as a test writes them, and tells on which
// connection each request came.
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawRequest {
  /** Which connection it came on, from 0. */
  readonly connection: number;
  /** Method and target. */
  readonly line: string;
}

/**
 * Called once per request, as soon as its head is there; tests send no body that looks like a head.
 */
export type Script = (socket: Socket, request: RawRequest) => void;

export async function startRawUpstream(script: Script) {
  const sockets: Socket[] = [];
  const requests: RawRequest[] = [];
  const server = createServer(socket => {
    const connection = sockets.push(socket) - 1;
    let text = '';
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', chunk => {
      text += chunk;
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const line = /([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(text.slice(0, end + 4))?.[1];
        text = text.slice(end + 4);
        if (line === undefined) continue;
        const request = { connection, line };
        requests.push(request);
        script(socket, request);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
