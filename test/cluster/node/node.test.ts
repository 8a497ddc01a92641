// The node that other tests stand on: pods, Services, names and volumes are those of a real
// cluster, and nothing of it outlives its run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { eventually } from '../../eventually.ts';
import { buildGo } from '../go-binary.ts';
import { HOST_ADDRESS, NODE_ADDRESS } from './addresses.ts';
import { writeImage } from './image-tar.ts';
import { findNode } from './shared-node.ts';

const ECHO = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: echo, namespace: node-test }
spec:
  replicas: 2
  selector: { matchLabels: { app: echo } }
  template:
    metadata: { labels: { app: echo } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: echo
          image: dev.local/echo:1
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
          resources: { limits: { memory: 64Mi, cpu: 500m } }
          securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false }
          volumeMounts: [{ name: data, mountPath: /data }]
      volumes: [{ name: data, emptyDir: {} }]
---
apiVersion: v1
kind: Service
metadata: { name: echo, namespace: node-test }
spec: { type: NodePort, selector: { app: echo }, ports: [{ port: 80, targetPort: 8080 }] }
`;

const shared = findNode();
if (shared) {
  describe('The node of the tests', () => {
    let clusterIp: string;
    let nodePort: number;
    const get = async (url: string) => {
      const answer = await request(url, { headersTimeout: 10_000 });
      return `${answer.statusCode} ${await answer.body.text()}`;
    };
    const fromPod = (url: string) => get(`http://${clusterIp}/fetch?url=${encodeURIComponent(url)}`);

    before(async () => {
      const { kubectl, load } = shared.node();
      const folder = await mkdtemp(join(tmpdir(), 'tenfold-echo-'));
      const echo = await buildGo('echo');
      load(writeImage(folder, { name: 'dev.local/echo:1', entrypoint: ['/echo'], files: { '/echo': echo } }));
      await rm(folder, { recursive: true });
      await kubectl(['create', 'namespace', 'node-test']);
      await kubectl(['apply', '-f', '-'], ECHO);
      await kubectl(['rollout', 'status', '--namespace=node-test', 'deployment/echo', '--timeout=300s']);
      const { spec } = JSON.parse(await kubectl(['get', 'service', 'echo', '--namespace=node-test', '--output=json']));
      clusterIp = spec.clusterIP;
      nodePort = spec.ports[0].nodePort;
      // The packet rules follow a moment after.
      const answers = () =>
        get(`http://${clusterIp}/`).then(
          answer => answer.startsWith('200'),
          () => false,
        );
      await eventually(answers, 'the Service answers');
    });

    after(async () => {
      await shared.node().kubectl(['delete', 'namespace', 'node-test']);
    });

    it('runs pods that are reached by Service, by NodePort and by name', async () => {
      assert.match(await get(`http://${clusterIp}/`), /^200 echo-/);
      assert.match(await get(`http://${NODE_ADDRESS}:${nodePort}/`), /^200 echo-/);
      assert.match(await fromPod('http://echo.node-test.svc/'), /^200 echo-/);
      assert.match(await fromPod('http://echo/'), /^200 echo-/);
    });

    it('spreads calls of a Service over its pods', async () => {
      const answers = new Set<string>();
      // Each on a connection of its own.
      const call = async () => {
        const answer = await request(`http://${clusterIp}/`, { reset: true });
        return answers.add(await answer.body.text());
      };
      await eventually(async () => (await call()).size === 2, 'both answer');
    });

    it('has pods that reach what tests start on this machine, and nothing beyond it', async () => {
      const server = createServer((_, response) => void response.end('from outside'));
      await new Promise<void>(resolve => server.listen(0, HOST_ADDRESS, resolve));
      const address = server.address();
      assert.ok(address !== null && typeof address === 'object');
      assert.equal(await fromPod(`http://${HOST_ADDRESS}:${address.port}/`), '200 from outside');
      server.closeAllConnections();
      server.close();
      assert.match(await fromPod('http://192.0.2.1/'), /^502 .*unreachable/);
    });

    it('tells what pods say, and runs commands of kubectl', async () => {
      const { kubectl } = shared.node();
      assert.match(await kubectl(['logs', '--namespace=node-test', 'deployment/echo']), /^listening/);
      assert.match(await kubectl(['get', 'nodes']), /node +Ready .* v1\.35\./);
    });

    it('goes on with the pods that are there when its kubelet and API server crash', async () => {
      const { kill, start, kubectl } = shared.node();
      await kill('kubelet');
      await kill('kube-apiserver');
      assert.match(await get(`http://${clusterIp}/`), /^200 echo-/);
      start('kube-apiserver');
      start('kubelet');
      const scaled = () =>
        kubectl(['scale', '--namespace=node-test', 'deployment/echo', '--replicas=3']).catch(() => '');
      await eventually(async () => (await scaled()) !== '', 'the API server takes it');
      await kubectl(['rollout', 'status', '--namespace=node-test', 'deployment/echo', '--timeout=300s']);
    });
  });

  describe('A second node on the same machine', () => {
    it('waits for the first one, says so, and leaves nothing when its run dies meanwhile', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tenfold-second-'));
      const guard = spawn(new URL('guard', import.meta.url).pathname, [folder, '', '', '', ''], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let said = '';
      guard.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      await eventually(() => said !== '', 'it says something');
      assert.match(said, /Another run has the node of this machine; waiting/);
      const ended = new Promise(resolve => guard.once('exit', resolve));
      // As when whoever started it dies.
      guard.stdin.end();
      await ended;
      assert.equal(existsSync(folder), false);
    });
  });
}
