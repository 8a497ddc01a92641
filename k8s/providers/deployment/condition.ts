// A condition as Kubernetes' own controllers report it in the status of an object.
import { type KubeObject, readList, readText } from '../../api/kube-object.ts';

interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** When it became so. */
  readonly since: string;
}

export function reportedConditionOf(object: KubeObject, type: string): Condition | undefined {
  const found = readList(object, 'status', 'conditions').find(one => readText(one, 'type') === type);
  if (found === undefined) return undefined;
  return {
    status: readText(found, 'status') ?? 'Unknown',
    reason: readText(found, 'reason') ?? '',
    message: readText(found, 'message') ?? '',
    since: readText(found, 'lastTransitionTime') ?? '',
  };
}
