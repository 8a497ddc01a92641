// How a Function does where others run it, as the status of its object says: how many instances it
// has and of which version, whether it is being woken, and what is wrong.
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
      type === 'Ready' ? status === 'False' : type === 'Degraded' && status === 'True',
    );
    const isWaking = one.state === 'starting' && told?.conditions.some(({ reason }) => reason === 'Waking');
    return {
      ...one,
      ...(isWaking ? { waking: true } : {}),
      instances: told?.replicas ?? one.instances,
      ...(told?.versions === undefined ? {} : { versions: told.versions }),
      ...(wrong === undefined ? {} : { lastError: wrong.message }),
    };
  });
}
