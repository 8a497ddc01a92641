// How many instances a Function has, where others run them: as the status of its object says.
import type { ClusterStatus } from '../../admin/platform-view.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';

export function withReplicas(
  functions: readonly FunctionStatus[],
  statusOf: ((kind: string, namespace: string, name: string) => ClusterStatus | undefined) | undefined,
): readonly FunctionStatus[] {
  if (statusOf === undefined) return functions;
  return functions.map(one => {
    const told = statusOf('Function', one.namespace, one.name);
    const wrong = told?.conditions.find(({ type, status }) =>
      type === 'Ready' ? status === 'False' : type === 'Degraded',
    );
    return {
      ...one,
      instances: told?.replicas ?? one.instances,
      ...(wrong === undefined ? {} : { lastError: wrong.message }),
    };
  });
}
