// The providers of an operator, by its configuration.
import { createDeploymentProvider } from '../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../k8s/providers/knative/provider.ts';
import { createOpenFaasProvider } from '../../k8s/providers/openfaas/provider.ts';
import type { FunctionProvider } from '../../k8s/providers/provider.ts';
import type { Config } from '../../server/config/schema.ts';

export interface Providers {
  /** The best first. */
  readonly providers: readonly FunctionProvider[];
  close(): Promise<void>;
}

export function createProviders({ openfaas, inFlightMetric }: Config['operator']): Providers {
  const deployment = createDeploymentProvider({ inFlightMetric });
  if (!openfaas) return { providers: [knativeProvider, deployment], async close() {} };
  const { url, namespace, username, password } = openfaas;
  const credentials = password === undefined ? undefined : { username, password };
  const provider = createOpenFaasProvider({ url, namespace, credentials });
  return { providers: [knativeProvider, deployment, provider], close: () => provider.close() };
}
