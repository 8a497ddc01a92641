// Input that has brought other gateways down: the process lives on, and others are
// served (FAULTS.md, 47 to 50).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '../../eventually.ts';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { assertKeptSince, keptBytes } from '../../kept-memory.ts';
import { serveYaml } from '../serve-yaml.ts';
import { startRawUpstream } from './raw-upstream.ts';

const yaml = (origin: string, chat: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /chat }, to: { url: "${chat}" }, upgrade: [websocket] }
    - match: { path: /orders }
      to: { url: "${origin}" }
      retry: { attempts: 3, initial: 1ms }
      request: { maxBody: 10Ki, schema: { type: object } }
    - { match: { path: "/*" }, to: { url: "${origin}" } }
`;
const AGREED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
/** A frame that says it has 2⁶³ bytes. */
const HUGE_FRAME = '\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00abc';

describe('input that crashes gateways', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let chat: Awaited<ReturnType<typeof startRawUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  before(async () => {
    upstream = await startUpstream();
    chat = await startRawUpstream(socket => socket.write(AGREED + HUGE_FRAME, 'latin1'));
    listener = await serveYaml(yaml(upstream.origin, chat.origin));
  });
  after(async () => {
    await listener.close();
    await upstream.close();
    await chat.close();
  });
  beforeEach(() => {
    upstream.seen.splice(0);
    listener.answered.splice(0);
  });

  const serveAnother = async () => assert.equal((await fetch(`${listener.address}/other`)).status, 200);
  const openChat = async () => {
    const before = chat.sockets.length;
    const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
    socket.on('error', () => {});
    let text = '';
    socket.setEncoding('latin1').on('data', chunk => (text += chunk));
    socket.write(
      'GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await eventually(() => text.includes('abc'), 'the frame is there');
    return { socket, text: () => text, other: chat.sockets[before]! };
  };

  for (const [name, head] of Object.entries({
    'without Host': 'GET /x HTTP/1.1\r\n\r\n',
    'with an empty Host': 'GET /x HTTP/1.1\r\nHost:\r\n\r\n',
    'with a Host of control characters': 'GET /x HTTP/1.1\r\nHost: a\x01b\r\n\r\n',
  })) {
    it(`47 a request ${name} is refused, and the access log has room for it`, async () => {
      assert.deepEqual((await sendRaw(listener.address, head)).statuses, [400]);
      await serveAnother();
      await eventually(() => listener.answered.length >= 1, 'the answers are reported');
      for (const { path, method } of listener.answered)
        assert.deepEqual([typeof path, typeof method], ['string', 'string']);
    });
  }

  it('48 a WebSocket frame of 2⁶³ bytes is nothing but bytes', async () => {
    const before = keptBytes();
    const { socket, text } = await openChat();
    assert.ok(text().endsWith(HUGE_FRAME));
    await assertKeptSince(before, 16e6);
    await serveAnother();
    socket.destroy();
  });

  it('49 the client’s connection is reset after the upgrade: the upstream’s ends', async () => {
    const { socket, other } = await openChat();
    socket.resetAndDestroy();
    await eventually(() => other.destroyed, 'the upstream’s side is closed');
    await serveAnother();
  });

  it('49 the upstream’s connection is reset after the upgrade: the client’s ends', async () => {
    const { socket, other } = await openChat();
    const closed = once(socket, 'close');
    other.resetAndDestroy();
    await closed;
    await serveAnother();
  });

  it('49 both are reset at once, on twenty connections', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, openChat));
    for (const { socket } of all) socket.resetAndDestroy();
    for (const socket of chat.sockets) socket.resetAndDestroy();
    await serveAnother();
  });

  it('50 a body that a step has read reaches the upstream once, with its own length', async () => {
    const body = JSON.stringify({ item: 'coffee' });
    const bytes = `POST /orders HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunks = [...body].map(letter => `1\r\n${letter}\r\n`).join('');
    const { text, statuses } = await sendRaw(listener.address, `${bytes}${chunks}0\r\n\r\n`);
    assert.deepEqual(statuses, [200]);
    const seen = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Echo;
    assert.equal(seen.body, body);
    const lengths = seen.rawHeaders.filter(
      (_, index) => seen.rawHeaders[index - 1]?.toLowerCase() === 'content-length',
    );
    assert.deepEqual(lengths, [String(body.length)]);
    assert.equal(upstream.seen.length, 1);
  });
});
