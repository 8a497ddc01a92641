// Runs Functions as plain Deployments, which every cluster can.
import { createObjectProvider } from '../object-provider.ts';
import { AUTOSCALERS, builders, DEPLOYMENTS, DISRUPTION_BUDGETS, NETWORK_POLICIES, SERVICES } from './objects.ts';
import { observe } from './observe.ts';

export const deploymentProvider = createObjectProvider({
  name: 'deployment',
  resources: [DEPLOYMENTS, SERVICES, AUTOSCALERS, DISRUPTION_BUDGETS, NETWORK_POLICIES],
  wanted: (fn, context) => builders.map(build => build(fn, context)).filter(object => object !== undefined),
  observe,
});
