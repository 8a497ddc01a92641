// A start that waits for services which say nothing, and is asked to stop meanwhile: it ends at
// once, and leaves nothing behind.
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: orders }\nspec: {}\n';
/** Less than the start takes by itself. */
/** Nothing that it waits for ends before 39 s have passed. */
const STOPS_WITHIN_MS = 20_000;

describe('a platform that is stopped while it starts', () => {
  const sockets = new Set<Socket>();
  let silent: Server;
  let port = 0;

  before(async () => {
    silent = createServer(socket => {
      sockets.add(socket.resume());
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    port = address !== null && typeof address === 'object' ? address.port : 0;
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    removeTempFolders();
  });

  const start = (signal: AbortSignal, role: 'serve' | 'worker') =>
    startPlatform({
      role,
      directory: tempFolder({ 'app.yaml': APP }),
      watch: false,
      signal,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      services: {
        store: { redis: { urls: [`redis://127.0.0.1:${port}`], mode: 'single', prefix: 'silent' } },
        ...(role === 'serve'
          ? {}
          : {
              log: {
                kafka: { brokers: [`127.0.0.1:${port}`], topicPrefix: '', clientId: 'tenfold', compression: 'none' },
              },
            }),
      },
      events: {},
    });

  for (const role of ['serve', 'worker'] as const)
    it(`ends at once where its services are silent (${role})`, async () => {
      const stop = new AbortController();
      const starting = start(stop.signal, role);
      starting.catch(() => {});
      await eventually(() => sockets.size > 0, 'it has asked for its services');
      const began = performance.now();
      stop.abort(new Error('It is stopped.'));
      await assert.rejects(starting, /It is stopped\./);
      const took = performance.now() - began;
      assert.ok(took < STOPS_WITHIN_MS, `it took ${took} ms`);
      await eventually(() => sockets.size === 0, 'its connections are closed');
    });
});
