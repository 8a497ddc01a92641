// The autoscaler of the chart's workers, by how much waits: real figures of a platform, served as
// an external metric, and what the cluster makes of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { type Manifest, only, PLATFORM, render } from '../../chart/helm.ts';
import { distributed } from '../../chart/samples.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { type ExternalMetrics, serveExternalMetrics } from './external-metrics.ts';

const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'horizontal-pod-autoscaler-controller'];
const NAME = 'tenfold-worker';
const DEPLOYMENT = `/apis/apps/v1/namespaces/${PLATFORM}/deployments/${NAME}`;
const AUTOSCALER = `/apis/autoscaling/v2/namespaces/${PLATFORM}/horizontalpodautoscalers/${NAME}`;
/** How many may wait for each worker. */
const EACH = 10;
const autoscaling = {
  enabled: true,
  minReplicas: 2,
  maxReplicas: 12,
  // Nobody serves it here, and without one of its figures an autoscaler takes nothing away.
  cpuPercent: 0,
  lag: { metric: 'external', averageValue: EACH },
};
/** Nobody waits for minutes here. */
const AT_ONCE = {
  scaleUp: { stabilizationWindowSeconds: 0 },
  scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 10, periodSeconds: 1 }] },
};

const app = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: slow }
spec: { topic: orders, to: { url: "${url}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
`;

describe('The autoscaler of the chart for workers, by an external metric', () => {
  let plane: ControlPlane;
  let platform: Platform;
  let metrics: ExternalMetrics;
  /** Whom events are delivered to: keeps them waiting until it may answer. */
  const waiting: ServerResponse[] = [];
  let mayAnswer = false;
  const target = createServer((request, response) => {
    request.resume();
    if (mayAnswer) response.writeHead(204).end();
    else waiting.push(response);
  });

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane();
    await plane.startControllers(CONTROLLERS, { 'horizontal-pod-autoscaler-sync-period': '1s' });
    await once(target.listen(0, '127.0.0.1'), 'listening');
    const address = target.address();
    assert.ok(address !== null && typeof address === 'object');
    platform = await startPlatform({
      directory: tempFolder({ 'app.yaml': app(`http://127.0.0.1:${address.port}`) }),
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
    });
    metrics = await serveExternalMetrics(plane, async () =>
      (await fetch(`${platform.addresses.admin}/metrics`)).text(),
    );
  });

  after(async () => {
    mayAnswer = true;
    for (const response of waiting) response.writeHead(204).end();
    await platform?.close(1000);
    target.close();
    metrics?.close();
    await plane?.close();
    removeTempFolders();
  });

  const apply = async (path: string, object: Manifest) => {
    const answer = await plane.client.apply(path, object);
    assert.ok(answer.status < 300, message(answer));
  };
  const scaled = async (to: number) => {
    const isSo = async () => (await plane.client.request('GET', DEPLOYMENT)).body.spec?.replicas === to;
    await eventually(isSo, `there are ${to} workers`).catch(async error => {
      const { spec, status } = (await plane.client.request('GET', AUTOSCALER)).body;
      throw new Error(`${error.message}: ${JSON.stringify({ spec, status })}`);
    });
  };

  it('adds workers while more waits than they should have, and takes them away when nothing does', async () => {
    const manifests = await render({ ...distributed, worker: { autoscaling } });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: PLATFORM } };
    await apply(`/api/v1/namespaces/${PLATFORM}`, namespace);
    await apply(DEPLOYMENT, only(manifests, 'Deployment', NAME));
    const autoscaler = only(manifests, 'HorizontalPodAutoscaler', NAME);
    await apply(AUTOSCALER, { ...autoscaler, spec: { ...autoscaler['spec'], behavior: AT_ONCE } });
    await scaled(autoscaling.minReplicas);

    for (let id = 0; id < 4.5 * EACH; id++) {
      const body = JSON.stringify({ id: String(id) });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body });
      assert.equal(answer.status, 204, await answer.text());
    }
    await scaled(5);
    assert.deepEqual([...metrics.asked], [`${PLATFORM}/tenfold_consumer_lag_events?job=tenfold-metrics`]);

    mayAnswer = true;
    for (const response of waiting.splice(0)) response.writeHead(204).end();
    await scaled(autoscaling.minReplicas);
  });
});
