// The options of every command that talks to a cluster: how to reach it, in which namespace, and
// the message when it refuses.
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { TenfoldError } from '../../core/errors.ts';
import type { ClusterAccess } from '../../k8s/api/cluster-access.ts';
import { createKubeClient, type KubeClient } from '../../k8s/api/kube-client.ts';
import { KubeError } from '../../k8s/api/kube-error.ts';
import { packageVersion } from '../../server/version.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { type AccessOptions, clusterAccess } from './cluster-access.ts';

export interface ClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

export interface Cluster {
  readonly client: KubeClient;
  /** That which was asked for, or that of the context. */
  readonly namespace: string;
}

/**
 * Runs `work` with a client that is closed after it; refusals of the cluster are printed in words
 * of the command line.
 */
export async function withCluster<T>(
  options: ClusterOptions,
  terminal: Pick<Terminal, 'env'>,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  return withAccess(options, terminal, (access, client) =>
    work({ client, namespace: options.namespace ?? access.namespace }),
  );
}

/** The same, for work that needs the credentials themselves. */
export async function withAccess<T>(
  options: AccessOptions,
  terminal: Pick<Terminal, 'env'>,
  work: (access: ClusterAccess, client: KubeClient) => Promise<T>,
): Promise<T> {
  const access = await openAccess(options, terminal);
  const client = createKubeClient(access, `tenfold/${packageVersion}`);
  try {
    return await work(access, client);
  } catch (error) {
    throw error instanceof KubeError ? inWords(error, access.server) : error;
  } finally {
    await client.close();
  }
}

async function openAccess(options: AccessOptions, { env }: Pick<Terminal, 'env'>): Promise<ClusterAccess> {
  try {
    return await clusterAccess(env, options);
  } catch (error) {
    if (error instanceof TenfoldError) throw new CommandError('no-cluster', error.message, { cause: error });
    throw error;
  }
}

function inWords(error: KubeError, server: string): CommandError {
  if (error.httpStatus === 401) {
    const message = `${server} does not know who asks: the credentials of the kubeconfig are missing, wrong or out of date.`;
    return new CommandError('no-cluster', message, { cause: error });
  }
  if (error.httpStatus === 0) return new CommandError('cluster-unreachable', error.message, { cause: error });
  return new CommandError('cluster-refused', error.message, {
    cause: error,
    ...(error.httpStatus === 403 ? { hint: 'see which rights it takes in docs/guides/deploy.md.' } : {}),
    ...(error.httpStatus === 404 && error.message.includes('namespaces "')
      ? { hint: 'make the namespace with "kubectl create namespace NAME", or name another one with --namespace.' }
      : {}),
  });
}

export function addClusterOptions<A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) {
  return command
    .option('-n, --namespace <NAME>', 'namespace of what names none, instead of that of the context', parseNamespace)
    .option('--kubeconfig <FILE>', 'how to reach the cluster, instead of KUBECONFIG or ~/.kube/config')
    .option('--context <NAME>', 'context of the kubeconfig');
}

function parseNamespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('It is no name of a namespace, such as shop.');
}
