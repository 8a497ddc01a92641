// Frames of WebSockets, as a server sends and reads them in tests.
import type { Socket } from 'node:net';

/** Binary, whole, and shorter than 4 GiB. */
export function frameOf(content: Buffer): Buffer {
  const head = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(content.length, 6);
  return Buffer.concat([head, content]);
}

/** Those of a client, which are masked. */
export function readFrames(socket: Socket, take: (content: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', chunk => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const short = (rest[1] ?? 0) & 127;
      const begin = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (rest.length < begin + 4) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? rest.readUInt32BE(6) : short;
      if (rest.length < begin + 4 + length) return;
      const mask = rest.subarray(begin, begin + 4);
      const content = rest.subarray(begin + 4, begin + 4 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      if (rest[0] === 0x82) take(Buffer.from(content));
      rest = rest.subarray(begin + 4 + length);
    }
  });
}
