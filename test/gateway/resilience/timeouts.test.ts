// Timeouts as routes declare them, over real sockets.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { serveYaml } from '../serve-yaml.ts';
import { api, fn, serve } from './served-orders.ts';

describe('route.timeouts', () => {
  it('firstByte: answers 504 when no answer has begun', async () => {
    const { url, close } = await serve(api('timeouts: { firstByte: 50ms }') + fn(), () => {});
    const answer = await fetch(url);
    assert.equal(answer.status, 504);
    assert.match(((await answer.json()) as { detail: string }).detail, /No answer began within 50 ms/);
    await close();
  });

  it('firstByte: leaves an answer alone that has begun', async () => {
    const { url, close } = await serve(api('timeouts: { firstByte: 50ms }') + fn(), (_request, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 150);
    });
    assert.equal(await (await fetch(url)).text(), 'ab');
    await close();
  });

  it('connect: gives up on an address that takes no connection', async () => {
    // A TLS handshake that nobody answers: the connection never opens.
    const server = createTcpServer(() => {});
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const listener = await serveYaml(
      api('timeouts: { connect: 100ms }').replace('function: orders', `url: "${origin}"`),
    );
    const answer = await fetch(`${listener.address}/x`);
    assert.equal(answer.status, 502);
    assert.match(((await answer.json()) as { detail: string }).detail, /cannot be reached/);
    await listener.close();
    server.close();
  });

  it('a stream may last longer than the timeout, while something comes', async () => {
    const { url, close } = await serve(
      api('timeout: 150ms\ntimeouts: { idle: 100ms }') + fn(),
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        let left = 8;
        const timer = setInterval(() => {
          response.write('data: x\n\n');
          if (--left === 0) {
            clearInterval(timer);
            response.end();
          }
        }, 40);
      },
    );
    const text = await (await fetch(url)).text();
    assert.equal(text.length, 8 * 9);
    await close();
  });

  it('idle: cuts a stream that has fallen silent', async () => {
    const { url, close } = await serve(api('timeout: 29s\ntimeouts: { idle: 80ms }') + fn(), (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: x\n\n');
    });
    const began = Date.now();
    await assert.rejects(async () => (await fetch(url)).text());
    assert.ok(Date.now() - began < 15_000);
    await close();
  });
});
