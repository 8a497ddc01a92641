// Runs Functions as plain Deployments, which every cluster can.
import { CANARY_NEEDS_KNATIVE } from '../../../resources/kinds/function.ts';
import { createObjectProvider } from '../object-provider.ts';
import { AUTOSCALERS, builders, DEPLOYMENTS, DISRUPTION_BUDGETS, NETWORK_POLICIES, SERVICES } from './objects.ts';
import { observeDeployment } from './observe-deployment.ts';
import { scaleOf } from './scale.ts';

export interface DeploymentOptions {
  /**
   * External metric that tells the calls in flight at a Function; undefined
   * where the cluster serves none.
   */
  readonly inFlightMetric?: string | undefined;
}

const BY_CPU =
  'Its scale.target changes nothing: instances are scaled by CPU, as the configuration of the operator names no metric for calls in flight (operator.inFlightMetric).';

export function createDeploymentProvider({ inFlightMetric }: DeploymentOptions = {}) {
  return createObjectProvider({
    name: 'deployment',
    resources: [DEPLOYMENTS, SERVICES, AUTOSCALERS, DISRUPTION_BUDGETS, NETWORK_POLICIES],
    // Two Deployments behind one Service get calls by the number of their pods.
    whyUnsupported: ({ spec }) => (spec.canary === undefined ? undefined : CANARY_NEEDS_KNATIVE),
    wanted: (fn, context) =>
      builders.map(build => build(fn, { ...context, inFlightMetric })).filter(object => object !== undefined),
    observe(fn, seen) {
      const observed = observeDeployment(fn, seen);
      const isIgnored = inFlightMetric === undefined && fn.spec.scale.target !== undefined && !('fixed' in scaleOf(fn));
      return isIgnored ? { ...observed, message: `${observed.message} ${BY_CPU}` } : observed;
    },
  });
}

export const deploymentProvider = createDeploymentProvider();
