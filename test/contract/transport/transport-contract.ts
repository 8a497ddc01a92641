// What every transport must do for its callers, whoever answers and whenever the caller gives up.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Transport, UpstreamRequest } from '../../../gateway/transport/transport.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { eventually } from '../../eventually.ts';
import { sendTo } from './send-to.ts';
import { type TransportSite, useTransport } from './transport-site.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

export function transportContract(name: string, create: () => Transport): void {
  describe(`transport: ${name}`, () => {
    const site = useTransport(create);

    describeRequests(site);
    describeConnections(site);
    describeFailures(site);
    it('tells what a receiver throws to the receiver, and lives on', async () => {
      const upstream = await site.raw(socket => void socket.write(`${OK}Content-Length: 2\r\n\r\nok`));
      const thrown = new Error('not like this');
      const { error } = await sendTo(
        site.transport,
        { origin: upstream.origin },
        {
          onData() {
            throw thrown;
          },
        },
      );
      assert.equal(error, thrown);
      assert.equal((await sendTo(site.transport, { origin: upstream.origin })).body, 'ok');
    });

    it('ends everything at once when it is destroyed', async () => {
      const upstream = await site.raw(() => {});
      const sending = sendTo(site.transport, { origin: upstream.origin });
      await eventually(() => upstream.requests.length === 1, 'it has begun');
      await site.transport.destroy();
      assert.ok((await sending).error);
      await eventually(() => upstream.sockets[0]?.destroyed === true, 'the connection is closed');
      assert.ok((await sendTo(site.transport, { origin: upstream.origin })).error, 'nothing is sent any more');
    });

    it('lets what is under way end when it is closed', async () => {
      const upstream = await site.raw(() => {});
      const sending = sendTo(site.transport, { origin: upstream.origin });
      await eventually(() => upstream.requests.length === 1, 'it has begun');
      const closed = site.transport.close();
      upstream.sockets[0]?.write(`${OK}Content-Length: 2\r\n\r\nok`);
      assert.equal((await sending).body, 'ok');
      await closed;
    });
  });
}

function describeRequests(site: TransportSite): void {
  it('writes method, path and fields as they are, and Host by the origin', async () => {
    const origin = await site.echo();
    const { body, status } = await sendTo(site.transport, {
      origin,
      method: 'GET',
      path: '/a/b?c=%20d',
      headers: ['x-a', 'b', 'x-a', 'c', 'x-latin', 'é'],
    });
    const seen = JSON.parse(body);
    assert.equal(status, 200);
    assert.deepEqual([seen.method, seen.url, seen.body], ['GET', '/a/b?c=%20d', '']);
    assert.deepEqual([seen.headers['x-a'], seen.headers['x-latin']], ['b, c', 'é']);
    assert.equal(seen.headers.host, new URL(origin).host);
    assert.equal(seen.headers['content-length'], undefined);
  });

  it('takes another Host where the request names one', async () => {
    const { body } = await sendTo(site.transport, { origin: await site.echo(), headers: ['host', 'shop.example'] });
    assert.equal(JSON.parse(body).headers.host, 'shop.example');
  });

  const bodies: Record<string, [UpstreamRequest['body'], string[], Record<string, string>]> = {
    'a text': ['grüße', [], { 'content-length': '7' }],
    bytes: [Buffer.from('bytes'), ['content-length', '5'], { 'content-length': '5' }],
    'many bytes': [Buffer.alloc(300_000, 'a'), [], { 'content-length': '300000' }],
    'nothing, to POST': [null, [], { 'content-length': '0' }],
    'a stream of known length': [
      Readable.from([Buffer.from('ab'), Buffer.from('cd')]),
      ['content-length', '4'],
      { 'content-length': '4' },
    ],
    'a stream of unknown length': [
      Readable.from([Buffer.from('ab'), Buffer.from('cd')]),
      [],
      { 'transfer-encoding': 'chunked' },
    ],
    'an empty stream': [Readable.from([]), [], {}],
  };
  for (const [what, [body, headers, framing]] of Object.entries(bodies)) {
    it(`sends ${what}`, async () => {
      const answer = await sendTo(site.transport, { origin: await site.echo(), method: 'POST', headers, body });
      const seen = JSON.parse(answer.body);
      const right = Buffer.isBuffer(body) ? body.toString() : typeof body === 'string' ? body : undefined;
      assert.equal(seen.body, right ?? (what.startsWith('a stream') ? 'abcd' : ''));
      for (const [field, value] of Object.entries(framing)) assert.equal(seen.headers[field], value);
    });
  }

  const unsendable: Record<string, Partial<UpstreamRequest>> = {
    'a line end in a value': { headers: ['x-a', 'b\r\nx-c: d'] },
    'a character that would become a line end': { headers: ['x-a', 'b\u010d\u010ax'] },
    'a NUL in a value': { headers: ['x-a', 'b\0'] },
    'a line end in a name': { headers: ['x-a\r\nb', 'c'] },
    'a blank in a name': { headers: ['x a', 'c'] },
    'a line end in the path': { path: '/a\r\nx: y' },
    'a blank in the path': { path: '/a b' },
    'a path that is none': { path: 'a' },
    'a method that is none': { method: 'GE T' },
    'a transfer coding of its own': { headers: ['transfer-encoding', 'chunked'] },
    'two lengths': { method: 'POST', headers: ['content-length', '1', 'content-length', '1'], body: 'a' },
    'two Hosts': { headers: ['host', 'a', 'host', 'b'] },
    'an Expect': { headers: ['expect', '100-continue'] },
    'a protocol with a line end': { upgrade: 'tcp\r\nx: y' },
  };
  for (const [what, request] of Object.entries(unsendable)) {
    it(`refuses to write ${what}`, async () => {
      const upstream = await site.raw(socket => socket.write(`${OK}Content-Length: 0\r\n\r\n`));
      const answer = await sendTo(site.transport, { origin: upstream.origin, ...request });
      assert.ok(answer.error);
      assert.equal(upstream.requests.length, 0);
    });
  }

  it('refuses a stream that is shorter or longer than announced, and does not use its connection again', async () => {
    const upstream = await site.raw((socket, { line }) => {
      if (line.startsWith('GET')) socket.write(`${OK}Content-Length: 0\r\n\r\n`);
    });
    const { origin } = upstream;
    for (const body of [Readable.from([Buffer.from('abc')]), Readable.from([Buffer.from('abcdefgh')])]) {
      const answer = await sendTo(site.transport, { origin, method: 'POST', headers: ['content-length', '5'], body });
      assert.ok(answer.error);
    }
    await sendTo(site.transport, { origin });
    assert.equal(upstream.requests.at(-1)?.connection, upstream.sockets.length - 1);
  });
}

function describeConnections(site: TransportSite): void {
  it('uses a connection again, one request after the other', async () => {
    const upstream = await site.raw(socket => socket.write(`${OK}Content-Length: 2\r\n\r\nok`));
    for (let count = 0; count < 5; count++) {
      const { status, body } = await sendTo(site.transport, { origin: upstream.origin });
      assert.deepEqual([status, body], [200, 'ok']);
    }
    assert.ok(upstream.sockets.length < 3, `${upstream.sockets.length} connections`);
  });

  it('never sends two requests at once on one connection', async () => {
    const waiting: Socket[] = [];
    const upstream = await site.raw(socket => void waiting.push(socket));
    const all = [1, 2, 3].map(() => sendTo(site.transport, { origin: upstream.origin }));
    await eventually(() => waiting.length === 3, 'all have come');
    assert.equal(new Set(upstream.requests.map(({ connection }) => connection)).size, 3);
    for (const socket of waiting) socket.write(`${OK}Content-Length: 0\r\n\r\n`);
    for (const { status } of await Promise.all(all)) assert.equal(status, 200);
  });

  const closing: Record<string, (socket: Socket) => void> = {
    'Connection: close': socket => socket.write(`${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`),
    'HTTP/1.0': socket => socket.write('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    'the end of the connection as its end': socket => socket.end(`${OK}\r\nok`),
    'bytes behind it': socket => socket.write(`${OK}Content-Length: 2\r\n\r\nok${OK}`),
  };
  for (const [what, answer] of Object.entries(closing)) {
    it(`takes an answer with ${what}, and then another connection`, async () => {
      const upstream = await site.raw(socket => answer(socket));
      for (let count = 0; count < 2; count++) {
        const { status, body, error } = await sendTo(site.transport, { origin: upstream.origin });
        assert.deepEqual([status, body, error], [200, 'ok', undefined]);
      }
      assert.deepEqual(
        upstream.requests.map(({ connection }) => connection),
        [0, 1],
      );
    });
  }

  for (const [what, method, answer] of [
    ['HEAD', 'HEAD', `${OK}Content-Length: 10\r\n\r\n`],
    ['204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'],
  ] as const) {
    it(`takes no body for ${what}`, async () => {
      const upstream = await site.raw(socket => void socket.write(answer));
      for (let count = 0; count < 2; count++) {
        const { body, error, ends } = await sendTo(site.transport, { origin: upstream.origin, method });
        assert.deepEqual([body, error, ends], ['', undefined, 1]);
      }
    });
  }
}

function describeFailures(site: TransportSite): void {
  it('tells a refused connection as ECONNREFUSED, before the request has begun', async () => {
    const [port = 0] = await freePorts(1);
    const { error, began } = await sendTo(site.transport, { origin: `http://127.0.0.1:${port}` });
    assert.deepEqual([error?.code, began], ['ECONNREFUSED', false]);
  });

  const broken: Record<string, (socket: Socket) => void> = {
    'an end': socket => socket.end(),
    'a reset': socket => socket.resetAndDestroy(),
    'half a body and a reset': socket =>
      socket.write(`${OK}Content-Length: 9\r\n\r\nhalf`, () => socket.resetAndDestroy()),
    'half a body and an end': socket => socket.end(`${OK}Content-Length: 9\r\n\r\nhalf`),
  };
  for (const [what, answer] of Object.entries(broken)) {
    it(`fails once for ${what}`, async () => {
      const upstream = await site.raw(socket => answer(socket));
      const { error, began, ends } = await sendTo(site.transport, { origin: upstream.origin });
      assert.ok(error);
      assert.deepEqual([began, ends], [true, 1]);
    });
  }

  it('does not take a connection that was ended while it was free', async () => {
    const upstream = await site.raw(socket => void socket.write(`${OK}Content-Length: 0\r\n\r\n`));
    await sendTo(site.transport, { origin: upstream.origin });
    upstream.sockets[0]?.end();
    // Busy, so that the end has arrived and nobody has read it.
    await new Promise(resolve => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    await new Promise(resolve => setImmediate(resolve));
    const { status, error } = await sendTo(site.transport, { origin: upstream.origin });
    assert.deepEqual([status, error], [200, undefined]);
  });

  it('leaves the next request alone when an old one is aborted, paused or resumed', async () => {
    const upstream = await site.raw(socket => void socket.write(`${OK}Content-Length: 2\r\n\r\nok`));
    const { control } = await sendTo(site.transport, { origin: upstream.origin });
    const next = sendTo(site.transport, { origin: upstream.origin }, { onStart: () => control?.pause() });
    control?.abort(new Error('too late'));
    const { body, error } = await next;
    assert.deepEqual([body, error], ['ok', undefined]);
  });
}
