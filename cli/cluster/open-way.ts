// Opens the way to the admin port of a platform in a cluster, with the credentials of a kubeconfig.
import { adminAudienceOf } from '../../k8s/access/reviews.ts';
import type { ClusterAccess } from '../../k8s/api/cluster-access.ts';
import type { KubeClient } from '../../k8s/api/kube-client.ts';
import { read, readList, readNumber, readText } from '../../k8s/api/kube-object.ts';
import { openPortForward } from '../../k8s/api/port-forward.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { type ClusterOptions, withAccess } from './cluster-options.ts';

export interface WayOptions extends Pick<ClusterOptions, 'kubeconfig' | 'context'> {
  readonly platformNamespace?: string | undefined;
  readonly serviceAccount?: string | undefined;
  readonly token?: string | undefined;
}

export interface Way {
  readonly admin: string;
  readonly token: string;
  /** The one of the kubeconfig. */
  readonly namespace: string;
  /** The context of the kubeconfig that it takes; undefined in a pod. */
  readonly context: string | undefined;
  /** Why it does not work; undefined where nothing is known of that. */
  whyUnreachable(): string | undefined;
  close(): void;
}

const PLATFORM_NAMESPACE = 'tenfold-system';
/** The shortest that an API server gives. */
const TOKEN_SECONDS = 600;

/** The way is open until it is closed. */
export function openWay(options: WayOptions, terminal: Terminal): Promise<Way> {
  const namespace = options.platformNamespace ?? terminal.env['TENFOLD_PLATFORM_NAMESPACE'] ?? PLATFORM_NAMESPACE;
  return withAccess(options, terminal, async (access, client) => {
    const token =
      options.token ?? terminal.env['TENFOLD_ADMIN_TOKEN'] ?? (await tokenOf(options, access, client, namespace));
    const { pod, port } = await findPod(client, namespace);
    const way = await openPortForward({ access, namespace, pod, port });
    return {
      admin: `http://127.0.0.1:${way.port}`,
      token,
      namespace: access.namespace,
      context: access.context,
      close: () => way.close(),
      whyUnreachable() {
        const reason = way.failure();
        return reason === undefined
          ? undefined
          : `The API server does not lead to the pod ${pod} in namespace "${namespace}": ${reason}. It takes the rights "get" and "create" of pods/portforward there.`;
      },
    };
  });
}

async function tokenOf(
  { serviceAccount }: WayOptions,
  access: ClusterAccess,
  client: KubeClient,
  platformNamespace: string,
): Promise<string> {
  if (serviceAccount !== undefined) {
    const [namespace = '', name = '', ...rest] = serviceAccount.split('/');
    if (name === '' || rest.length > 0) {
      throw new CommandError('usage', `"${serviceAccount}" is no ServiceAccount, such as shop/ci.`);
    }
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
    const spec = { audiences: [adminAudienceOf(platformNamespace)], expirationSeconds: TOKEN_SECONDS };
    const made = await client.call('POST', path, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
    });
    return readText(made, 'status', 'token') ?? '';
  }
  const token = await access.token?.();
  if (token !== undefined) return token;
  throw new CommandError(
    'cluster-refused',
    'The user of the kubeconfig has no token, and a certificate tells the platform nothing.',
    {
      hint: 'name a ServiceAccount that you may make tokens for, with --service-account NAMESPACE/NAME; or pass --token TOKEN.',
    },
  );
}

/** A pod of the platform that runs, a ready one first. */
async function findPod(client: KubeClient, namespace: string): Promise<{ pod: string; port: number }> {
  const list = (kind: string, labels: string) =>
    client.call('GET', `/api/v1/namespaces/${namespace}/${kind}`, { query: { labelSelector: labels } });
  const services = readList(await list('services', 'app.kubernetes.io/part-of=tenfold'), 'items').filter(service =>
    /-admin$/.test(readText(service, 'metadata', 'name') ?? ''),
  );
  const [service] = services;
  if (service === undefined || services.length > 1) {
    const found = services.map(each => readText(each, 'metadata', 'name')).join(', ');
    const message =
      service === undefined
        ? `There is no platform in namespace "${namespace}": it has no Service whose name ends with -admin.`
        : `There are several platforms in namespace "${namespace}": ${found}.`;
    throw new CommandError('no-platform', message, {
      hint:
        service === undefined
          ? 'name the namespace of the platform with --platform-namespace NAME, or TENFOLD_PLATFORM_NAMESPACE.'
          : 'open the way to one with "kubectl port-forward", and name it with --admin URL.',
    });
  }
  const selector = Object.entries(read(service, 'spec', 'selector') ?? {}).map(([key, value]) => `${key}=${value}`);
  const pods = readList(await list('pods', selector.join(',')), 'items').filter(
    pod =>
      readText(pod, 'status', 'phase') === 'Running' && readText(pod, 'metadata', 'deletionTimestamp') === undefined,
  );
  const pod = pods.find(isReady) ?? pods[0];
  const name = readText(pod, 'metadata', 'name');
  if (name === undefined) {
    throw new CommandError('no-platform', `No pod of the platform runs in namespace "${namespace}".`, {
      hint: `see why with "kubectl get pods --namespace ${namespace}".`,
    });
  }
  return { pod: name, port: portOf(service, pod) };
}

function isReady(pod: unknown): boolean {
  return readList(pod, 'status', 'conditions').some(
    condition => readText(condition, 'type') === 'Ready' && readText(condition, 'status') === 'True',
  );
}

/** The port of the container, which the Service names. */
function portOf(service: unknown, pod: unknown): number {
  const [port] = readList(service, 'spec', 'ports');
  const target = read(port, 'targetPort');
  if (typeof target === 'number') return target;
  const ports = readList(pod, 'spec', 'containers').flatMap(container => readList(container, 'ports'));
  const named = ports.find(each => readText(each, 'name') === target);
  return readNumber(named, 'containerPort') ?? readNumber(port, 'port') ?? 9090;
}
