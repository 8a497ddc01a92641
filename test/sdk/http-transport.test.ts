// The clients' connection to real endpoints: key, reuse, limits, broken connections.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createHttpTransport } from '../../sdk/client/http-transport.ts';
import type { Transport, TransportRequest } from '../../sdk/client/transport.ts';
import { eventually } from '../eventually.ts';
import { standStill } from '../services/stand-still.ts';

const open: Server[] = [];

async function listeners(listener: RequestListener): Promise<{ transport: Transport; connections: () => number }> {
  let connections = 0;
  const server = createServer(listener).on('connection', () => connections++);
  open.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const transport = createHttpTransport({
    url: `http://127.0.0.1:${port}/base/`,
    keyHeader: { name: 'tenfold-key', value: () => 'secret' },
  });
  return { transport, connections: () => connections };
}

function ask(change: Partial<TransportRequest> = {}): TransportRequest {
  return {
    method: 'GET',
    target: '/functions/a?x=1',
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
    ...change,
  };
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks = await request.toArray();
  response.writeHead(200, {
    'x-key': String(request.headers['tenfold-key']),
    'x-length': String(request.headers['content-length']),
  });
  response.end(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
}

describe('the HTTP transport', () => {
  afterEach(() => {
    for (const server of open.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('sends method, target, key and a counted body, and gives the whole answer', async () => {
    const { transport } = await listeners(echo);
    const answer = await transport(ask({ method: 'POST', body: 'héllo' }));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-key'], 'secret');
    assert.equal(answer.headers['x-length'], '6');
    assert.equal(answer.body.toString(), 'POST /base/functions/a?x=1 héllo');
  });

  it('reuses one connection for calls in turn', async () => {
    const { transport, connections } = await listeners(echo);
    for (let count = 0; count < 5; count++) await transport(ask());
    assert.equal(connections(), 1);
  });

  it('rejects with the signal’s reason as soon as it aborts', async () => {
    const { transport } = await listeners(() => {});
    const controller = new AbortController();
    const failing = transport(ask({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    await assert.rejects(failing, /enough/);
  });

  it('rejects when the answer breaks off', async () => {
    const { transport } = await listeners((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => response.destroy());
    });
    await assert.rejects(transport(ask()), { name: 'NoAnswer', sent: true });
  });

  it('says whether anything of a call may have arrived', async () => {
    // Answers the first request of each connection, and resets the connection at the second.
    const seen = new WeakSet<object>();
    const { transport } = await listeners((request, response) => {
      if (seen.has(request.socket)) return void request.socket.resetAndDestroy();
      seen.add(request.socket);
      response.end('ok');
    });
    await transport(ask());
    await assert.rejects(transport(ask()), { name: 'NoAnswer', sent: true });
    const nobody = createHttpTransport({ url: 'http://127.0.0.1:1', keyHeader: undefined });
    await assert.rejects(nobody(ask()), { name: 'NoAnswer', sent: false });
  });

  it('gives up a connection that nobody takes or refuses, as of a machine that is gone', async () => {
    const listen =
      "require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })";
    const stopped = spawn(process.execPath, ['-e', listen]);
    const fillers: Socket[] = [];
    try {
      const [port] = await once(stopped.stdout, 'data');
      standStill(stopped.pid ?? assert.fail());
      // The system takes connections for it until its queue is full, and
      // then leaves them unanswered.
      const isFull = async () => {
        const filler = connect(Number(port), '127.0.0.1').on('error', () => {});
        fillers.push(filler);
        // What loopback takes it has taken by then, and a look at the sockets between tells us.
        await new Promise(resolve => setTimeout(resolve, 20));
        await new Promise(resolve => setImmediate(resolve));
        return filler.connecting;
      };
      await eventually(isFull, 'its queue is full');
      const transport = createHttpTransport({ url: `http://127.0.0.1:${port}`, keyHeader: undefined, connectMs: 50 });
      await assert.rejects(transport(ask()), { name: 'NoAnswer', sent: false, message: /within 50 ms/ });
    } finally {
      for (const filler of fillers) filler.destroy();
      stopped.kill('SIGKILL');
    }
  });
});
