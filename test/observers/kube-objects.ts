// Tests read the objects of a cluster here by @kubernetes/client-node, so that a fault of the
// platform's own client cannot hide what the cluster has.
import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';
import { API_VERSION, kinds } from '../../resources/kinds/index.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import { kubeconfig } from '../cluster/control-plane.ts';

export interface SeenCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface KubeObjects {
  /** Conditions of an object of ours; none as long as it has no status. */
  conditionsOf(kind: Kind, name: string): Promise<readonly SeenCondition[]>;
}

interface Seen {
  readonly status?: { readonly conditions?: readonly SeenCondition[] };
}

export function observeObjects(
  { url, token, ca }: { readonly url: string; readonly token: string; readonly ca: string },
  namespace = 'default',
): KubeObjects {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig(url, token, ca));
  const objects = config.makeApiClient(CustomObjectsApi);
  const [group = '', version = ''] = API_VERSION.split('/');
  return {
    async conditionsOf(kind, name) {
      const { plural } = kinds[kind];
      const seen: Seen = await objects.getNamespacedCustomObject({ group, version, namespace, plural, name });
      return seen.status?.conditions ?? [];
    },
  };
}
