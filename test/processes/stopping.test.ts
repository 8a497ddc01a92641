// A process that is asked to stop while nobody it needs can be reached: it ends all
// its parts, in their time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { type KafkaCluster, kafka, startKafka } from '../services/kafka.ts';
import { startProxy, type TcpProxy } from '../services/proxy.ts';
import { type RedisServer, redis, startRedis } from '../services/redis.ts';
import { canStart } from '../services/service.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

if ([kafka, redis].every(kind => canStart(kind)))
  describe('a process that is stopped', () => {
    let proxy: TcpProxy;
    let brokers: KafkaCluster;
    let store: RedisServer;
    let gateway: RunningProcess;

    before(async () => {
      proxy = await startProxy(1);
      brokers = await startKafka({
        advertised(_, port) {
          proxy.lead(port);
          return proxy.port;
        },
      });
      store = await startRedis();
      const directory = tempFolder({
        'app.yaml': `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
`,
      });
      const services = {
        kafka: `127.0.0.1:${proxy.port}`,
        redis: `redis://127.0.0.1:${store.port}`,
        prefix: `stopped-${process.pid}`,
      };
      gateway = await startProcess({ role: 'gateway', directory, services });
      await eventually(() => gateway.isReady(), 'it is ready');
    });
    after(async () => {
      await gateway?.end('SIGKILL');
      await Promise.all([store?.process.stop(), brokers?.stop()]);
      await proxy?.close();
      removeTempFolders();
    });

    it('ends in order when what it has taken cannot be kept any more', async () => {
      const order = () =>
        fetch(`${gateway.addresses.public}/orders`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"number":1}',
        });
      assert.equal((await order()).status, 204);
      proxy.refuse(true);
      const refused = order();
      await once(gateway.child.stdout ?? assert.fail(), 'data');
      const code = await gateway.end('SIGTERM');
      assert.equal((await refused).status, 503);
      assert.equal(code, 0, gateway.output());
      assert.match(gateway.output(), /"message":"stopped"/);
    });
  });
