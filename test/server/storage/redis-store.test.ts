// A platform that keeps its state in Redis: it starts without it, says so, answers 503,
// and goes on when it comes.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { eventually } from '../../eventually.ts';
import { askRedis, redis, startRedis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: orders }
spec: { from: [orders], table: { key: "\${event.data.id}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /orders }, to: { view: orders } }
`;

if (findService(redis))
  describe('a platform with its state in Redis', () => {
    let platform: Platform | undefined;
    let port = 0;
    const logged: string[] = [];

    before(async () => {
      port = (await freePorts(1))[0] ?? 0;
    });
    afterEach(async () => {
      await platform?.close(1_000);
      removeTempFolders();
    });

    it('starts while it is away, and goes on when it comes', async () => {
      platform = await startPlatform({
        directory: tempFolder({ 'app.yaml': APP }),
        watch: false,
        host: '127.0.0.1',
        ports: { public: 0, internal: 0, admin: 0 },
        services: { store: { redis: { urls: [`redis://127.0.0.1:${port}`], mode: 'single', prefix: 'away' } } },
        events: {
          gatewayLog: ({ message }) => logged.push(message),
          refused: problems => logged.push(...problems.map(({ message }) => message)),
        },
      });
      const { admin, public: address } = platform.addresses;
      const ready = await fetch(`${admin}/readyz`);
      assert.equal(ready.status, 503);
      assert.match(await ready.text(), /Redis \(store\) cannot be used: /);
      assert.equal((await fetch(`${admin}/healthz`)).status, 200);
      const asked = await fetch(`${address}/orders?key=1`);
      assert.equal(asked.status, 503);
      assert.ok(asked.headers.has('retry-after'));

      const server = await startRedis({}, port);
      try {
        let reasons = '';
        const isReady = async () => {
          const response = await fetch(`${admin}/readyz`);
          reasons = await response.text();
          return response.status === 200;
        };
        await eventually(isReady, 'it is ready').catch(error => {
          throw new Error(`${error.message}: ${reasons} ${logged.join('; ')}`);
        });
        const body = JSON.stringify({ id: '1', total: 7 });
        const headers = { 'content-type': 'application/json' };
        assert.equal((await fetch(`${address}/orders`, { method: 'POST', body, headers })).status, 204);
        await eventually(async () => (await fetch(`${address}/orders?key=1`)).status === 200, 'the view has it');
        const told = logged.filter(message => message.startsWith('Redis'));
        assert.deepEqual(
          told.map(message => message.split(';')[0]),
          ['Redis (store) cannot be used', 'Redis (store) can be used again'],
        );

        await askRedis(server, 'CONFIG', 'SET', 'min-replicas-to-write', '1');
        await eventually(async () => !(await isReady()), 'it is not ready while no write is taken');
        assert.match(reasons, /Redis \(store\) cannot be used: Redis has fewer replicas than it needs to write/);
        await askRedis(server, 'CONFIG', 'SET', 'min-replicas-to-write', '0');
        await eventually(isReady, 'it is ready again');
      } finally {
        await platform.close(1_000);
        platform = undefined;
        await server.process.stop();
      }
    });
  });
