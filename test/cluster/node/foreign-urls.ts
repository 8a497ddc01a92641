// Every way on the node from a resource of one namespace to a Function of another: by name, by its
// addresses, and by Services of one's own that lead there.
import type { Node } from './node.ts';

export interface Aim {
  readonly namespace: string;
  readonly name: string;
}

/** Names of it, which are refused when the resource is checked. */
export function namesOf({ namespace, name }: Aim): readonly string[] {
  const service = `fn-${name}.${namespace}`;
  const long = `${service}.svc.cluster.local`;
  return [service, `${service}.svc`, long, `${long}.`, long.toUpperCase()].map(host => `http://${host}`);
}

/** Urls that lead to it from `from` by other names or none, where what they need has been made. */
export async function detoursTo(node: Node, { namespace, name }: Aim, from: string): Promise<Record<string, string>> {
  const get = async (...args: string[]) => JSON.parse(await node.kubectl(['get', ...args, '--output=json']));
  const service = await get('service', `fn-${name}`, `--namespace=${namespace}`);
  const pods = await get('pods', `--selector=tenfold.dev/function=${name}`, `--namespace=${namespace}`);
  const isReady = (pod: { status: { conditions?: { type: string; status: string }[] } }) =>
    pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  const { status, spec } = pods.items.find(isReady) ?? pods.items[0];
  const port: number = spec.containers[0].ports[0].containerPort;
  const ports = [{ name: 'http', port: 80, targetPort: port }];
  const metadata = { namespace: from };
  const made = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name: 'alias' },
      spec: { type: 'ExternalName', externalName: `fn-${name}.${namespace}.svc.cluster.local` },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name: 'copy' }, spec: { ports } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, name: 'copy-1', labels: { 'kubernetes.io/service-name': 'copy' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [status.podIP], conditions: { ready: true } }],
      ports: [{ name: 'http', port }],
    },
  ];
  for (const object of made) await node.kubectl(['apply', '-f', '-'], JSON.stringify(object));
  return {
    'address-of-its-service': `http://${service.spec.clusterIP}`,
    'address-of-its-pod': `http://${status.podIP}:${port}`,
    alias: `http://alias.${from}.svc.cluster.local`,
    'own-service': `http://copy.${from}.svc`,
  };
}

/** An Api with one route for each url, `/NAMESPACE/WAY`. */
export function apiOf(namespace: string, urls: Readonly<Record<string, string>>) {
  return {
    apiVersion: 'tenfold.dev/v1alpha1',
    kind: 'Api',
    metadata: { name: 'detours', namespace },
    spec: {
      basePath: `/${namespace}`,
      routes: Object.entries(urls).map(([way, url]) => ({
        match: { method: 'GET', path: `/${way}` },
        to: { url },
        request: { path: '/hello' },
      })),
    },
  };
}
