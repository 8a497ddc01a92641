// The callers at the internal listener of a cluster's gateways: pods, whose tokens the API server's
// own keys verify.
import type { World } from '../../core/world.ts';
import { createKeySource } from '../../gateway/auth/key-source.ts';
import { createCallerTokens } from '../../gateway/listeners/caller-tokens.ts';
import type { Callers } from '../../gateway/listeners/callers.ts';
import type { KubeClient } from '../../k8s/api/kube-client.ts';
import type { Log } from '../../k8s/api/outages.ts';

/**
 * Every ServiceAccount may read it, by the ClusterRoleBinding
 * `system:service-account-issuer-discovery` that each cluster has.
 */
const KEYS = '/openid/v1/jwks';

export interface ClusterCallers extends Callers {
  close(): void;
}

export function createClusterCallers(world: World, client: KubeClient, audience: string, log: Log): ClusterCallers {
  const keys = createKeySource({
    world,
    issuer: 'of the API server',
    jwksUri: KEYS,
    fetchJson: (path, signal) => client.call('GET', path, { signal, accept: 'application/jwk-set+json' }),
    log,
  });
  // The first call then need not wait for them. The log reports a failure, and the next call asks
  // for the keys again.
  keys.current().catch(() => {});
  const { namespaceOf } = createCallerTokens({ world, keys, audience });
  return { namespaceOf, close: () => keys.close() };
}
