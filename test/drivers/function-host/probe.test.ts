// Whether somebody answers at an address: an open port says less than an answer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { probe } from '../../../drivers/function-host/probe.ts';

async function open(server: Server | ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a probe', () => {
  it('takes one that accepts connections and never answers for dead where it is known what answers', async () => {
    const deaf = createServer(socket => void socket.on('error', () => {}));
    const url = await open(deaf);
    assert.equal(await probe(url, 5000), true);
    assert.equal(await probe(url, 100, '/readyz'), false);
    deaf.close();
  });

  it('asks below the address of a function, and takes 200 to 399 for an answer', async () => {
    const asked: string[] = [];
    let status = 200;
    const server = createHttpServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end();
    });
    const url = await open(server);
    assert.equal(await probe(`${url}/function/menu/`, 5000, '/readyz'), true);
    for (status of [204, 302]) assert.equal(await probe(url, 5000, '/readyz'), true);
    for (status of [404, 503]) assert.equal(await probe(url, 5000, '/readyz'), false);
    assert.equal(asked[0], '/function/menu/readyz');
    server.close();
    assert.equal(await probe(url, 5000, '/readyz'), false, 'nobody is there');
  });
});
