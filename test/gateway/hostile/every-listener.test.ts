// The same hostile requests at every listener of the product: refused, the connection closed, and
// nothing behind them taken for a request.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sourceFiles } from '../../architecture/source-files.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { type Listener, listeners } from './listeners.ts';
import { broken, get, H, refused } from './refused-heads.ts';

/** They answer TRACE without a body 405, and go on. */
const GATEWAY = ['the public listener', 'a listener of a namespace', 'the internal listener'];

for (const [where, start] of Object.entries(listeners)) {
  describe(`hostile requests at ${where}`, () => {
    let listener: Listener;
    before(async () => {
      listener = await start();
    });
    after(() => listener.close());

    for (const [name, [bytes, ...statuses]] of Object.entries(refused)) {
      it(`${name}: refused, and what follows is not answered`, async () => {
        const before = listener.reached();
        const answer = await sendRaw(listener.address, bytes + get(listener.counted));
        assert.ok(answer.statuses[0] !== undefined && statuses.includes(answer.statuses[0]), answer.text.slice(0, 200));
        assert.equal(
          answer.statuses.length,
          bytes.startsWith('TRACE / HTTP/1.1\r\nHost: a.example\r\n\r\n') && GATEWAY.includes(where) ? 2 : 1,
        );
        if (answer.statuses.length === 1) assert.ok(answer.closed, 'the connection is closed');
        assert.equal(listener.reached() - before, answer.statuses.length - 1);
      });
    }

    for (const [name, bytes] of Object.entries(broken)) {
      // The admin port reads no trailers, so they mean nothing there.
      if (name.startsWith('20') && where === 'the admin port') continue;
      it(`${name}: what follows is not answered`, async () => {
        const answer = await sendRaw(listener.address, bytes + get(listener.counted));
        assert.ok(answer.closed, 'the connection is closed');
        assert.ok(answer.statuses.length <= 1, answer.text.slice(0, 300));
      });
    }

    it('a request of HTTP/1.0 without a Host is answered, as the checks of balancers send them', async () => {
      const bare = await sendRaw(listener.address, `GET ${listener.counted} HTTP/1.0\r\n\r\n`);
      const named = await sendRaw(listener.address, `GET ${listener.counted} HTTP/1.0\r\n${H}\r\n`);
      assert.equal(bare.statuses.length, 1, bare.text);
      assert.notEqual(bare.statuses[0], 400);
      assert.ok(named.closed && bare.closed);
    });

    it('what is right is answered, also behind another', async () => {
      const answer = await sendRaw(listener.address, get('/a') + get('/b'));
      assert.equal(answer.statuses.length, 2);
      assert.ok(!answer.statuses.includes(400));
    });
  });
}

describe('every listener of the tree', () => {
  it('has its heads checked, and closes connections on which a body was left', () => {
    const unchecked: string[] = [];
    for (const folder of ['admin', 'cli', 'gateway', 'runtime', 'server', 'worker', 'drivers', 'k8s']) {
      for (const file of sourceFiles(folder)) {
        const text = readFileSync(join(root, file), 'utf8');
        if (!/\.{3}listenerConnections/.test(text)) continue;
        // A listener's handler reads the head itself (`request-context.ts`).
        if (file.endsWith('listener-server.ts')) {
          if (!/last\.has\(socket\)/.test(text)) unchecked.push(file);
        } else if (!/createHeadGuard\(/.test(text) || !/closeUnread\(|guard\.endsWith\(/.test(text))
          unchecked.push(file);
      }
    }
    assert.deepEqual(unchecked, []);
  });
});
