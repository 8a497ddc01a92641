// A client that stops to read a whole answer is cut off after a while; one that reads on is not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { ResponseWriter } from '../../../gateway/exchange/response-writer.ts';
import { eventually } from '../../eventually.ts';

const BODY = Buffer.alloc(20_000_000, 'a');
const control = { pause() {}, resume() {}, abort() {}, rawHeaders: [] };

const ways: Record<string, (writer: ResponseWriter) => void> = {
  'an answer of our own': writer => writer.writeWhole(200, [], BODY),
  'a kept answer': writer => writer.writeKept(200, ['content-length', String(BODY.length)], BODY),
  'an answer that the target has ended': writer => {
    writer.writeHead(200, ['content-length', String(BODY.length)]);
    writer.write(BODY, control);
    writer.end();
  },
  'an answer through an encoder': writer => {
    writer.addFilter({ prepareHead: () => new PassThrough() });
    writer.writeHead(200, []);
    writer.write(BODY, control);
    writer.end();
  },
};

describe('a client that stops to read', () => {
  let server: Server;
  let client: Socket;
  let answer: (writer: ResponseWriter) => void;
  let response: ServerResponse | undefined;

  beforeEach(async () => {
    response = undefined;
    server = createServer((_, out) => {
      response = out;
      answer(new ResponseWriter(out));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    client.on('error', () => {});
  });
  afterEach(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });

  const ask = () => client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
  const limit = () => response?.socket?.timeout ?? 0;

  for (const [name, way] of Object.entries(ways)) {
    it(`has a minute for ${name}, and is cut off when it reads nothing in it`, async () => {
      answer = way;
      ask();
      await eventually(() => limit() === 60_000, 'the limit is set');
      const closed = once(client, 'close');
      response?.socket?.emit('timeout');
      client.resume();
      await closed;
      assert.ok(client.bytesRead < BODY.length);
    });
  }

  it('is not limited any more once it has read all', async () => {
    answer = ways['a kept answer'] ?? assert.fail();
    ask();
    await eventually(() => limit() === 60_000, 'the limit is set');
    const socket = response?.socket;
    client.resume();
    await eventually(() => response?.writableFinished === true && socket?.timeout !== 60_000, 'the limit is gone');
    assert.equal(socket?.destroyed, false);
  });

  it('has no limit set for it where all was sent at once', async () => {
    answer = writer => writer.writeWhole(200, [], 'short');
    ask();
    await eventually(() => response?.writableFinished === true, 'it is sent');
    assert.notEqual(limit(), 60_000);
  });
});
