// The same hostile requests at every listener of the product: refused, the connection closed, and nothing behind them taken for a request.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAdminServer } from '../../../admin/admin-server.ts';
import { closeServer, listen } from '../../../core/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { createCallerKeys } from '../../../gateway/doors/caller-keys.ts';
import { openDoor } from '../../../gateway/doors/door-server.ts';
import { createInternalDoor } from '../../../gateway/doors/internal-door.ts';
import { http } from '../../../sdk/http.ts';
import { root, sourceFiles } from '../../architecture/source-files.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { endFunction, startFunction } from '../../runtime/running-function.ts';
import { broken, get, refused } from './refused-heads.ts';

interface Listener {
  readonly address: string;
  /** Requests that came through. */
  reached(): number;
  close(): Promise<void>;
}

const world = realWorld;
const listeners: Record<string, () => Promise<Listener>> = {
  async 'the internal listener'() {
    let reached = 0;
    const handle = createInternalDoor({
      world,
      callers: createCallerKeys('a secret'),
      targetOf: () => undefined,
      timeoutOf: () => undefined,
      // Without a key nothing is called: what got past the check of its head is answered 401.
      answered({ status }) {
        if (status === 401) reached++;
      },
    });
    const door = await openDoor({ world, host: '127.0.0.1', port: 0, maxConnections: 1000, handle });
    return { address: door.address, reached: () => reached, close: () => door.close(0) };
  },
  async 'the runtime of a function'() {
    let reached = 0;
    const started = await startFunction(
      http(async request => {
        await request.text();
        reached++;
        return 'ok';
      }),
    );
    return { address: started.url, reached: () => reached, close: () => endFunction(started) };
  },
  async 'the admin port'() {
    const server = createAdminServer(fakeView(), { token: 'a token' });
    let reached = 0;
    server.prependListener('request', (_request, response) => {
      response.on('finish', () => {
        if (response.statusCode === 404) reached++;
      });
    });
    const address = await listen(server, '127.0.0.1', 0);
    return { address, reached: () => reached, close: () => closeServer(server, world, 0) };
  },
};

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
        const answer = await sendRaw(listener.address, bytes + get('/smuggled'));
        assert.ok(answer.statuses[0] !== undefined && statuses.includes(answer.statuses[0]), answer.text.slice(0, 200));
        assert.equal(
          answer.statuses.length,
          bytes.startsWith('TRACE / HTTP/1.1\r\nHost: a.example\r\n\r\n') && where === 'the internal listener' ? 2 : 1,
        );
        if (answer.statuses.length === 1) assert.ok(answer.closed, 'the connection is closed');
        assert.equal(listener.reached() - before, answer.statuses.length - 1);
      });
    }

    for (const [name, bytes] of Object.entries(broken)) {
      // The admin port reads no trailers, so they mean nothing there.
      if (name.startsWith('20') && where === 'the admin port') continue;
      it(`${name}: what follows is not answered`, async () => {
        const answer = await sendRaw(listener.address, bytes + get('/smuggled'));
        assert.ok(answer.closed, 'the connection is closed');
        assert.ok(answer.statuses.length <= 1, answer.text.slice(0, 300));
      });
    }

    it('what is right is answered, also behind another', async () => {
      const answer = await sendRaw(listener.address, get('/a') + get('/b'));
      assert.equal(answer.statuses.length, 2);
      assert.ok(!answer.statuses.includes(400));
    });
  });
}

describe('every listener of the tree', () => {
  it('has its heads checked', () => {
    const unchecked: string[] = [];
    for (const folder of ['admin', 'cli', 'gateway', 'runtime', 'server', 'worker', 'drivers', 'k8s']) {
      for (const file of sourceFiles(folder)) {
        const text = readFileSync(join(root, file), 'utf8');
        if (!/\.{3}listenerConnections/.test(text)) continue;
        // A door's handler reads the head itself (`visit.ts`).
        if (!/createHeadGuard\(/.test(text) && !file.endsWith('door-server.ts')) unchecked.push(file);
      }
    }
    assert.deepEqual(unchecked, []);
  });
});
