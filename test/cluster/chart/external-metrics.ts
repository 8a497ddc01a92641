// What an adapter of metrics is to a cluster: serves `external.metrics.k8s.io` behind the API
// server, by the figures that a platform tells at /metrics.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { eventually } from '../../eventually.ts';
import { first } from '../../fixtures/tls/certificates.ts';
import type { ControlPlane } from '../control-plane.ts';
import { message } from '../installed-crds.ts';

export interface ExternalMetrics {
  /** Metrics that were asked for, as `namespace/name?selector`, each once. */
  readonly asked: ReadonlySet<string>;
  close(): void;
}

const GROUP = 'external.metrics.k8s.io';
const VERSION = 'v1beta1';
const API = `/apis/${GROUP}/${VERSION}`;
const NAMESPACE = 'default';

/**
 * `figures`: the text of /metrics of each process, as they are now. Resolves when
 * the API server has found it.
 */
export async function serveExternalMetrics(
  { client }: ControlPlane,
  figures: () => Promise<string>,
): Promise<ExternalMetrics> {
  const asked = new Set<string>();
  const answer = async (path: string, selector: string) => {
    if (path === API)
      return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${GROUP}/${VERSION}`, resources: [] };
    const [, namespace, metricName] = /^.*\/namespaces\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (metricName === undefined || !path.startsWith(API)) return undefined;
    asked.add(`${namespace}/${metricName}?${selector}`);
    const value = String(sumOf(await figures(), metricName));
    const metricLabels = Object.fromEntries([selector.split('=')]);
    const items = [{ metricName, metricLabels, timestamp: new Date().toISOString(), value }];
    return { kind: 'ExternalMetricValueList', apiVersion: `${GROUP}/${VERSION}`, metadata: {}, items };
  };
  const server = createServer({ cert: first.cert, key: first.key }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const end = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    answer(pathname, searchParams.get('labelSelector') ?? '').then(
      body => end(body === undefined ? 404 : 200, body ?? {}),
      error => end(500, { message: String(error) }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  // No network leads to Services here: by its name the API server finds this process.
  const service = { name: 'external-metrics', namespace: NAMESPACE, port: address.port };
  const objects = {
    [`/api/v1/namespaces/${NAMESPACE}/services/${service.name}`]: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service.name, namespace: NAMESPACE },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    },
    [`/apis/apiregistration.k8s.io/v1/apiservices/${VERSION}.${GROUP}`]: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${VERSION}.${GROUP}` },
      spec: {
        group: GROUP,
        version: VERSION,
        service,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
      },
    },
  };
  for (const [path, object] of Object.entries(objects)) {
    const applied = await client.apply(path, object);
    assert.ok(applied.status < 300, message(applied));
  }
  await eventually(async () => (await client.request('GET', API)).status === 200, `${GROUP} is served`);
  return {
    asked,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Of all series of a metric in the text format of Prometheus. */
function sumOf(text: string, name: string): number {
  return text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
