// What streams through the public listener: uploads, both ways at once, and server-sent
// events, each part as it comes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  compression: { minSize: 1 }
  cors: { origins: ["*"] }
  rateLimit: { rate: 1000/s }
  routes:
    - match: { path: "/*" }
      to: { url: "${origin}" }
      retry: { attempts: 3 }
      circuitBreaker: {}
      cache: { ttl: 1m }
`;

describe('streams through a route with every policy', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  let serve: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  let open: ClientRequest[] = [];

  before(async () => {
    upstream = await startUpstream((request, response) => serve(request, response));
    listener = await serveYaml(yaml(upstream.origin));
  });
  afterEach(() => {
    for (const request of open.splice(0)) request.destroy();
  });
  after(async () => {
    await listener.close();
    await upstream.close();
    open = [];
  });

  function send(path: string, method: string, headers: Record<string, string> = {}) {
    const request = httpRequest(listener.address + path, { method, headers });
    request.on('error', () => {});
    open.push(request);
    return request;
  }

  it('an upload reaches the target while the client still sends', async () => {
    let received = '';
    serve = (request, response) => {
      request.setEncoding('utf8').on('data', chunk => (received += chunk));
      request.on('end', () => response.end('done'));
    };
    const request = send('/upload', 'POST');
    request.write('first ');
    await eventually(() => received === 'first ', 'the target has the first part');
    request.end('second');
    const [response]: IncomingMessage[] = await once(request, 'response');
    assert.equal(response?.statusCode, 200);
    response?.resume();
    assert.equal(received, 'first second');
  });

  it('both ways at once: the answer comes while the client still sends', async () => {
    serve = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.flushHeaders();
      request.pipe(response);
    };
    const request = send('/echo', 'POST');
    request.write('one ');
    const [response]: IncomingMessage[] = await once(request, 'response');
    let received = '';
    response?.setEncoding('utf8').on('data', chunk => (received += chunk));
    await eventually(() => received === 'one ', 'the first part is back');
    request.write('two ');
    await eventually(() => received === 'one two ', 'the second part is back');
    request.end('three');
    await eventually(() => received === 'one two three' && response?.complete === true, 'the end is back');
  });

  it('server-sent events come one by one, neither held back, compressed nor kept', async () => {
    const streams: ServerResponse[] = [];
    serve = (_, response) => {
      streams.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    };
    const listeners = await Promise.all(
      ['a', 'b'].map(async () => {
        const request = send('/events', 'GET', { accept: 'text/event-stream', 'accept-encoding': 'br, gzip' });
        request.end();
        const [response]: IncomingMessage[] = await once(request, 'response');
        const listener = { text: '', headers: response?.headers ?? {} };
        response?.setEncoding('utf8').on('data', chunk => (listener.text += chunk));
        return listener;
      }),
    );
    assert.equal(streams.length, 2, 'each has a stream of its own');
    for (let number = 1; number <= 3; number++) {
      for (const stream of streams) stream.write(`data: ${number}\n\n`);
      const expected = Array.from({ length: number }, (_, index) => `data: ${index + 1}\n\n`).join('');
      await eventually(() => listeners.every(({ text }) => text === expected), `event ${number} is there`);
    }
    for (const { headers } of listeners) {
      assert.equal(headers['content-encoding'], undefined);
      assert.equal(headers['content-type'], 'text/event-stream');
    }
    const closed = streams.map(stream => once(stream, 'close'));
    for (const request of open) request.destroy();
    await Promise.all(closed);
  });
});
