// What every transport must do with bodies that stream, aborts and other protocols: never faster
// than the other side takes them, and never a connection twice that one broke off on.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import type { Transport } from '../../../gateway/transport/transport.ts';
import { eventually } from '../../eventually.ts';
import { sendTo } from './send-to.ts';
import { useTransport } from './transport-site.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

export function streamingContract(name: string, create: () => Transport): void {
  describe(`transport: streams over ${name}`, () => {
    const site = useTransport(create);

    it('holds an answer back while it is paused', async () => {
      let sent = 0;
      const origin = await site.serve((_request, response) => {
        const chunk = Buffer.alloc(65_536);
        const more = () => {
          while (sent < 50e6) {
            sent += chunk.length;
            if (!response.write(chunk)) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      });
      let size = 0;
      let resume: (() => void) | undefined;
      const sending = sendTo(
        site.transport,
        { origin },
        {
          onData(control, chunk) {
            size += chunk.length;
            if (resume) return;
            control.pause();
            resume = () => control.resume();
          },
        },
      );
      await eventually(() => resume !== undefined, 'the first bytes are there');
      for (let before = -1; before !== sent; await new Promise(resolve => setTimeout(resolve, 100))) before = sent;
      assert.ok(sent < 25e6, `${sent} bytes were taken`);
      resume?.();
      await sending;
      assert.ok(size >= 50e6);
    });

    it('reads a body no faster than the other side takes it', async () => {
      let read = 0;
      const body = new Readable({
        highWaterMark: 65_536,
        read() {
          read += 65_536;
          this.push(read > 50e6 ? null : Buffer.alloc(65_536));
        },
      });
      const server = createTcpServer(socket => void socket.on('error', () => {}).pause()).listen(0, '127.0.0.1');
      await new Promise(resolve => server.once('listening', resolve));
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const sending = sendTo(site.transport, { origin, method: 'POST', body });
      await eventually(() => read > 0, 'it is read');
      for (let before = -1; before !== read; await new Promise(resolve => setTimeout(resolve, 100))) before = read;
      assert.ok(read < 25e6, `${read} bytes were read`);
      sending.answered.control?.abort(new Error('enough'));
      await sending;
      assert.ok(body.destroyed);
      server.close();
    });

    it('takes an answer that comes before the body is sent, and not its connection', async () => {
      const upstream = await site.raw((socket, { line }) => {
        socket.write(`HTTP/1.1 ${line.startsWith('POST') ? 403 : 200} x\r\nContent-Length: 0\r\n\r\n`);
      });
      const body = new PassThrough();
      body.write('begun');
      const { status, error } = await sendTo(site.transport, { origin: upstream.origin, method: 'POST', body });
      assert.deepEqual([status, error], [403, undefined]);
      await eventually(() => upstream.sockets[0]?.destroyed === true, 'the connection is closed');
      await eventually(() => body.destroyed, 'nobody reads the rest');
      await sendTo(site.transport, { origin: upstream.origin });
      assert.equal(upstream.requests.at(-1)?.connection, 1);
    });

    it('fails when the body of the request breaks off', async () => {
      const upstream = await site.raw(() => {});
      const body = new PassThrough();
      body.write('begun');
      const sending = sendTo(site.transport, { origin: upstream.origin, method: 'POST', body });
      await eventually(() => upstream.requests.length === 1, 'it has begun');
      body.destroy(new Error('the client left'));
      const { error, ends } = await sending;
      assert.ok(error);
      assert.equal(ends, 1);
      await eventually(() => upstream.sockets[0]?.destroyed === true, 'the connection is closed');
    });
    it('tells an abort in the middle of an answer once, and closes the connection', async () => {
      const upstream = await site.raw(socket => void socket.write(`${OK}Content-Length: 100\r\n\r\nhalf`));
      const reason = new Error('enough');
      const { error, ends } = await sendTo(
        site.transport,
        { origin: upstream.origin },
        { onData: control => control.abort(reason) },
      );
      assert.deepEqual([error, ends], [reason, 1]);
      await eventually(() => upstream.sockets[0]?.destroyed === true, 'the connection is closed');
    });

    it('sends nothing when the receiver has given up before it began', async () => {
      const upstream = await site.raw(socket => void socket.write(`${OK}Content-Length: 0\r\n\r\n`));
      const { error, ends } = await sendTo(
        site.transport,
        { origin: upstream.origin },
        { onStart: control => control.abort(new Error('too late')) },
      );
      assert.deepEqual([error?.message, ends], ['too late', 1]);
      await sendTo(site.transport, { origin: upstream.origin, path: '/next' });
      assert.deepEqual(
        upstream.requests.map(({ line }) => line),
        ['GET /next'],
      );
    });

    it('hands over the connection that changes its protocol, with what came behind the 101', async () => {
      const upstream = await site.raw(socket => {
        socket.write('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\nfirst');
        socket.on('data', chunk => void socket.write(`<${chunk}>`));
      });
      const { status, socket } = await sendTo(site.transport, { origin: upstream.origin, upgrade: 'tcp' });
      assert.equal(status, 101);
      let text = '';
      socket?.on('data', chunk => {
        text += chunk;
      });
      socket?.resume();
      await eventually(() => text === 'first', 'what came at once is there');
      socket?.write('more');
      await eventually(() => text === 'first<more>', 'bytes go both ways');
      socket?.destroy();
    });

    it('takes an answer in place of a change of protocol', async () => {
      const upstream = await site.raw(socket => void socket.write('HTTP/1.1 403 x\r\nContent-Length: 2\r\n\r\nno'));
      const { status, body } = await sendTo(site.transport, { origin: upstream.origin, upgrade: 'tcp' });
      assert.deepEqual([status, body], [403, 'no']);
    });
  });
}
