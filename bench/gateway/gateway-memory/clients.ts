// Clients for the measurement of memory: idle ones that keep their connections, and ones that
// stream without keeping anything.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** Opens connections one after the other, each with one request answered, and keeps them. */
export async function openIdle(port: number, count: number, head: Buffer): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write(head);
    const [chunk] = await once(socket, 'data');
    if (!String(chunk).startsWith('HTTP/1.1 200')) throw new Error(`not 200: ${chunk}`);
    socket.resume();
    sockets.push(socket);
  }
  return sockets;
}

/** Bytes that came. */
export function download(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, agent: false }, response => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve(bytes));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

/** Bytes that the upstream says it got. */
export async function upload(port: number, path: string, megabytes: number): Promise<number> {
  const headers = { 'content-length': megabytes * MEGABYTE.length };
  const sent = request({ port, host: '127.0.0.1', path, method: 'POST', agent: false, headers });
  const answered = once(sent, 'response');
  const write = async () => {
    for (let index = 0; index < megabytes; index++) if (!sent.write(MEGABYTE)) await once(sent, 'drain');
    sent.end();
  };
  const [[response]] = await Promise.all([answered, write()]);
  let text = '';
  for await (const chunk of response) text += chunk;
  return Number(text);
}
