// The status of an object, as processes of the platform report it: the same as `kubectl` shows.
import { type KubeObject, readNumber } from '../api/kube-object.ts';
import { conditionOf } from '../operator/status/status.ts';
import { versionsOf } from './versions-of.ts';

export interface ReportedCondition {
  readonly type: 'Accepted' | 'Ready' | 'Degraded' | 'Stalled';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

const ALWAYS = ['Accepted', 'Ready'] as const;
/** The conditions that are of interest while they hold. */
const WHILE_TRUE = ['Degraded', 'Stalled'] as const;

export function reportedStatusOf(object: KubeObject | undefined) {
  if (!object) return undefined;
  const conditions = [...ALWAYS, ...WHILE_TRUE].flatMap((type): ReportedCondition[] => {
    const { status, reason = '', message = '' } = conditionOf(object, type) ?? {};
    if (status !== 'True' && (status !== 'False' || type === 'Degraded' || type === 'Stalled')) return [];
    return [{ type, status, reason, message }];
  });
  const { creationTimestamp: createdAt } = object.metadata;
  return {
    conditions,
    replicas: readNumber(object, 'status', 'replicas'),
    versions: versionsOf(object),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}
