// Collectors that answer before they have read the request, over real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { realWorld } from '../../../core/world.ts';
import { createOtlpSender } from '../../../server/tracing/send-otlp.ts';
import { startSpanExporter } from '../../../server/tracing/span-exporter.ts';
import { senderThread } from '../../../server/tracing/start-tracing.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';

/** More than the sockets of both sides hold. */
const BODY = Buffer.alloc(6 * 1024 * 1024, 'x');
/** So many spans are encoded together, and sent at once where they are so large. */
const TOGETHER = 64;
const TEXT = 'the body is too large';
const head = (status: number, ...headers: readonly string[]) =>
  [`HTTP/1.1 ${status} Refused`, 'content-type: text/plain', ...headers, '', ''].join('\r\n');
const whole = (status: number) => `${head(status, `content-length: ${TEXT.length}`)}${TEXT}`;
const RESETS = 'resets the connection';

const ways: readonly [name: string, answer: (socket: Socket, status: number) => void][] = [
  ['closes the connection', (socket, status) => socket.end(whole(status))],
  [RESETS, (socket, status) => socket.write(whole(status), () => socket.resetAndDestroy())],
  ['keeps the connection and reads no more', (socket, status) => socket.write(whole(status))],
  ['says no length and closes the connection', (socket, status) => socket.end(`${head(status)}${TEXT}`)],
  ['says no length and never ends', (socket, status) => socket.write(`${head(status)}${TEXT}`)],
];

/** It reads the first bytes of each request alone. */
async function startHasty(answer: (socket: Socket) => void) {
  const open = new Set<Socket>();
  let asked = 0;
  const server = createServer(socket => {
    asked++;
    open.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.pause();
      answer(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}/v1/traces`,
    asked: () => asked,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

describe('a collector that answers before it has read the request', () => {
  for (const [name, answer] of ways) {
    for (const status of [413, 401]) {
      it(`and ${name} has its ${status} told, at once and once`, async () => {
        const collector = await startHasty(socket => answer(socket, status));
        // The test ends long before this time.
        const target = { url: collector.url, headers: {}, timeoutMs: 600_000 };
        const reason = await createOtlpSender()(target, [BODY], new AbortController().signal);
        collector.close();
        assert.deepEqual([reason, collector.asked()], [`The collector answered ${status}: ${TEXT}`, 1]);
      });
    }

    it(`and ${name} is asked again after a 502`, async () => {
      let asked = 0;
      const collector = await startHasty(socket => answer(socket, asked++ === 0 ? 502 : 413));
      const target = { url: collector.url, headers: {}, timeoutMs: 600_000 };
      const reason = await createOtlpSender()(target, [BODY], new AbortController().signal);
      collector.close();
      assert.deepEqual([reason, asked], [`The collector answered 413: ${TEXT}`, 2]);
    });

    it(`and ${name} costs its own spans alone, and the exporter closes`, async () => {
      const collector = await startHasty(socket => answer(socket, 413));
      const losses: string[] = [];
      const exporter = startSpanExporter({
        world: realWorld,
        thread: senderThread(),
        data: { url: collector.url, headers: {}, timeoutMs: 600_000, resource: {}, version: '1' },
        lost: (_, reason) => losses.push(reason),
        refused: assert.fail,
      });
      const { tracer } = recordSpans({ exported: spans => exporter.export(spans) });
      const part = BODY.toString('latin1', 0, BODY.length / TOGETHER);
      for (let span = 0; span < 2 * TOGETHER; span++)
        tracer.begin(undefined, 'server', 'large').set('text', part).finish();
      await exporter.close(600_000);
      collector.close();
      assert.deepEqual(exporter.counts, { sent: 0, lost: 2 * TOGETHER });
      // The thread runs beside this one, so a reset may reach it before it has read the answer.
      if (name === RESETS) return;
      assert.deepEqual(losses, [`The collector answered 413: ${TEXT}`]);
      assert.equal(collector.asked(), 2);
    });
  }
});
