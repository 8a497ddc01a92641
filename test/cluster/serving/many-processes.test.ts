// `tenfold gateway --cluster` and `tenfold worker --cluster` as processes of their own, each with
// its own rights, over services that they share.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { variablesOf } from '../../processes/start-process.ts';
import { kafka } from '../../services/kafka.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, pathOf } from '../installed-crds.ts';
import { kubectl, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const log = findService(kafka);
const store = findService(redis);

if (log && store)
  describe('gateway and worker of a cluster', () => {
    // Topics in Kafka have the names of their resources, and tests share it.
    const topic = `orders-${process.pid}-${Date.now().toString(36)}`;
    let plane: ControlPlane;
    let upstream: Server;
    let gateway: ServingProcess;
    let worker: ServingProcess;
    let listener: string;
    const delivered: string[] = [];

    before(async function () {
      this.timeout(BUILD_AND_START_MS);
      plane = await startPlane();
      upstream = createServer((request, response) => {
        request.setEncoding('utf8').on('data', text => delivered.push(text));
        request.on('end', () => response.writeHead(204).end());
      });
      const url = await listen(upstream, '127.0.0.1', 0);
      const kube = kubectl(plane);
      await kube.apply('Function', 'kitchen', { url });
      await kube.apply('Topic', topic, {});
      await kube.apply('Subscription', 'kitchen', { topic, from: 'earliest', to: { function: 'kitchen' } });
      await kube.apply('Api', 'intake', { routes: [{ match: { method: 'POST', path: '/orders' }, to: { topic } }] });
      const services = { kafka: log.url(), redis: store.url(), prefix: topic };
      const env = { ...variablesOf(services), TENFOLD_CLUSTER_FIGURES_EVERY: '1s' };
      gateway = startServing(plane, { role: 'gateway', env });
      worker = startServing(plane, { role: 'worker', env });
      listener = (await gateway.addresses()).public;
      await worker.addresses();
    });
    after(async () => {
      await Promise.all([gateway?.end('SIGKILL'), worker?.end('SIGKILL')]);
      if (upstream) await closeServer(upstream, realWorld, 0);
      await plane?.close();
      removeTempFolders();
    });

    const order = async (table: number) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${listener}/orders`, { method: 'POST', headers, body: JSON.stringify({ table }) });
      return response.status;
    };
    const isDelivered = (table: number) => () => delivered.some(text => text.includes(`"table":${table}`));

    it('take what comes, and deliver it', async () => {
      await eventually(async () => (await order(7)) === 204, 'it is taken');
      await eventually(isDelivered(7), 'it is delivered');
    });

    it('go on while the API server is away', async () => {
      await plane.restartApiServer(1000);
      assert.equal(await order(8), 204);
      await eventually(isDelivered(8), 'it is delivered');
    });

    it('say how far the worker has come', () =>
      eventually(
        async () => (await kubectl(plane).get(pathOf('Subscription', 'kitchen'))).status?.lag === 0,
        'nothing is behind',
      ));

    it('end when they are told to', async () => {
      assert.deepEqual(await Promise.all([gateway.end('SIGTERM'), worker.end('SIGTERM')]), [0, 0]);
    });
  });
