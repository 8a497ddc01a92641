// Real Knative Serving on the node: its own controller, webhook, autoscaler, activator and
// queue-proxy, built from its Go module; the ingress before them is ours.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../../eventually.ts';
import { buildGo } from '../go-binary.ts';
import { writeImage } from './image-tar.ts';
import type { Node } from './node.ts';
import { whatIsWrong } from './platform.ts';

export interface Knative {
  /** Its API and all that intercepts calls of others go at once; pods take their time. */
  remove(): Promise<void>;
}

const MODULE = 'knative.dev/serving';
const PROGRAMS = ['activator', 'autoscaler', 'controller', 'queue', 'webhook'];
const NAMESPACE = 'knative-serving';
const IN_NAMESPACE = `--namespace=${NAMESPACE}`;
const imageOf = (program: string) => `dev.local/knative-${program}:test`;

/** The only setting that is not as it comes. */
const OUR_INGRESS = { 'ingress-class': 'test.ingress.networking.knative.dev' };

const INGRESS = `
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: ${NAMESPACE} }
spec: { selector: { app: ingress }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ${NAMESPACE} }
spec:
  selector: { matchLabels: { app: ingress } }
  template:
    metadata: { labels: { app: ingress } }
    spec:
      serviceAccountName: controller
      containers:
        - name: ingress
          image: ${imageOf('ingress')}
          env: [{ name: SERVICE_DOMAIN, value: ingress.${NAMESPACE}.svc.cluster.local }]
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
`;

/**
 * Builds it, which takes some three minutes on two cores the first time, and waits until it
 * is there for whoever asks.
 */
export async function installKnative(node: Node): Promise<Knative> {
  for (const program of PROGRAMS) await loadProgram(node, program, `${MODULE}/cmd/${program}`);
  await loadProgram(node, 'ingress', './ingress');
  const serving = join(await moduleFolder(MODULE), 'config/core');
  const networking = join(await moduleFolder('knative.dev/networking'), 'config');
  const apply = (...files: readonly string[]) => applyText(node, files.map(manifestOf).join('\n---\n'));
  await apply(
    `${serving}/100-namespace.yaml`,
    ...manifestsIn(`${serving}/300-resources`),
    ...['certificate', 'domain-claim', 'ingress', 'serverlessservice'].map(name => `${networking}/${name}.yaml`),
    join(await moduleFolder('knative.dev/caching'), 'config/image.yaml'),
  );
  await node.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=300s']);
  await apply(
    `${serving}/200-serviceaccount.yaml`,
    `${serving}/300-knativecertificate.yaml`,
    ...manifestsIn(`${serving}/200-roles`),
    ...manifestsIn(`${serving}/configmaps`),
    `${networking}/config-network.yaml`,
  );
  const patch = ['--type=merge', '--patch', JSON.stringify({ data: OUR_INGRESS })];
  await node.kubectl(['patch', 'configmap', 'config-network', IN_NAMESPACE, ...patch]);
  await apply(
    ...manifestsIn(`${serving}/deployments`).filter(file => !file.endsWith('-hpa.yaml')),
    ...manifestsIn(`${serving}/webhooks`),
    `${serving}/999-cache.yaml`,
  );
  await applyText(node, INGRESS);
  try {
    const available = ['wait', '--for=condition=Available', 'deployment', '--all', IN_NAMESPACE, '--timeout=300s'];
    await node.kubectl(available);
    await eventually(() => takesServices(node), 'its webhook answers');
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await whatIsWrong(node, NAMESPACE)}`);
  }
  return { remove: () => remove(node) };
}

/** The webhook has to have told the API server of its certificate. */
async function takesServices({ client }: Node): Promise<boolean> {
  const containers = [{ name: 'function', image: 'dev.local/nothing:1' }];
  const service = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'probe', namespace: 'default' },
    spec: { template: { spec: { containers } } },
  };
  const path = '/apis/serving.knative.dev/v1/namespaces/default/services/probe';
  return (await client.apply(path, service, { dryRun: true })).status < 300;
}

/**
 * What is asked at every call of others goes first; then its kinds, so that
 * operators who look find none.
 */
async function remove({ kubectl }: Node): Promise<void> {
  const webhooks = 'mutatingwebhookconfigurations,validatingwebhookconfigurations';
  const ours = '--selector=app.kubernetes.io/name=knative-serving';
  await kubectl(['delete', webhooks, ours]);
  const crds = (await kubectl(['get', 'crd', '--output=name'])).split('\n').filter(name => /knative\.dev$/.test(name));
  await kubectl(['delete', ...crds, '--timeout=300s']);
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
  await kubectl(['delete', 'clusterroles,clusterrolebindings', ours]);
}

async function loadProgram(node: Node, name: string, target: string): Promise<void> {
  const binary = await buildGo('knative', '', target, `knative-${name}`);
  const path = `/ko-app/${name}`;
  node.load(writeImage(node.folder, { name: imageOf(name), entrypoint: [path], files: { [path]: binary } }));
}

async function moduleFolder(module: string): Promise<string> {
  const cwd = fileURLToPath(new URL('../knative/', import.meta.url));
  return (await promisify(execFile)('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd })).stdout.trim();
}

function manifestsIn(folder: string): string[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.yaml'));
  return names.sort().map(name => join(folder, name));
}

/** As its makers publish it, with the images named that were built here. */
function manifestOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/ko:\/\/knative\.dev\/serving\/cmd\/([a-z]+)/g, (_, name) => imageOf(name));
}

async function applyText({ kubectl }: Node, manifests: string): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifests);
}
