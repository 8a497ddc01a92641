// A target that answers before it has read the body, and takes the rest for the next request:
// nobody else gets the answer to that.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

/** As Python's http.server does it: what a head announces as its body is the next head to it. */
async function startEarlyAnswerer() {
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    sockets.push(socket);
    let text = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', chunk => {
      text += chunk;
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const path = text.split(' ')[1] ?? '';
        text = text.slice(end + 4);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.length,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const yaml = (origin: string, more = '') => `
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec: { legacy: { url: "${origin}"${more} } }
`;
const H = 'Host: shop.example\r\n';
/** The rest of a head, which the next request on the connection completes. */
const HALF = `GET /stolen HTTP/1.1\r\nX-Rest: `;
const poison = `POST /early HTTP/1.1\r\n${H}Content-Length: ${HALF.length}\r\n\r\n${HALF}`;

describe('a legacy system that answers early', () => {
  it('never gets another client’s request behind the body of one', async () => {
    const legacy = await startEarlyAnswerer();
    const listener = await serveYaml(yaml(legacy.origin));
    try {
      for (let round = 0; round < 20; round++) {
        assert.match((await sendRaw(listener.address, poison, 20)).text, /\/early$/);
        const { text } = await sendRaw(listener.address, `GET /mine/${round} HTTP/1.1\r\n${H}\r\n`, 20);
        assert.match(text, new RegExp(`/mine/${round}$`));
      }
    } finally {
      await listener.close();
      legacy.close();
    }
  });

  it('has its connections shared by requests without a body, unless each is to have its own', async () => {
    for (const [reuse, most, least] of [
      ['safe', 1, 1],
      ['never', 5, 5],
    ] as const) {
      const legacy = await startEarlyAnswerer();
      const listener = await serveYaml(yaml(legacy.origin, `, connections: { reuse: ${reuse} }`));
      try {
        for (let round = 0; round < 5; round++)
          await sendRaw(listener.address, `GET /mine HTTP/1.1\r\n${H}Connection: close\r\n\r\n`);
        assert.ok(legacy.connections() >= least && legacy.connections() <= most, `${reuse}: ${legacy.connections()}`);
      } finally {
        await listener.close();
        legacy.close();
      }
    }
  });
});
