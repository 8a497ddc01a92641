// The status of an object, made of findings: conditions as `kubectl wait` and
// kstatus read them, and figures.
import { type KubeObject, read, readList, readText } from '../../api/kube-object.ts';
import type { Finding } from './finding.ts';
import type { Findings } from './findings.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export interface Status {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly [figure: string]: unknown;
}

type Figures = Readonly<Record<string, unknown>>;

const MAX_MESSAGE = 4096;

/** Workers write it into the same list (`serving/figure-reports.ts`). */
export const HEALTHY = 'Healthy';

/** A condition keeps its time while it is unchanged. */
export function toStatus(object: KubeObject, findings: Findings, figures: Figures, now: string): Status {
  const { accepted, ready, progressing, degraded, stalled } = findings;
  const generation = object.metadata.generation ?? 0;
  const condition = (type: string, { is, reason, message }: Finding): Condition => {
    const status = is ? 'True' : 'False';
    const before = conditionOf(object, type);
    return {
      type,
      status,
      observedGeneration: generation,
      lastTransitionTime: (before?.status === status ? before.since : undefined) ?? now,
      reason,
      message: message.slice(0, MAX_MESSAGE),
    };
  };
  return {
    observedGeneration: generation,
    conditions: [
      condition('Accepted', accepted),
      condition('Ready', ready),
      condition('Progressing', progressing),
      condition('Degraded', degraded),
      // The conditions of kstatus are there only while they hold.
      ...(progressing.is && !ready.is ? [condition('Reconciling', progressing)] : []),
      ...(stalled ? [condition('Stalled', stalled)] : []),
    ],
    ...Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)),
  };
}

interface Seen {
  readonly status: string | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly since: string | undefined;
  readonly observedGeneration: unknown;
}

export function conditionOf(object: KubeObject, type: string): Seen | undefined {
  const found = readList(object, 'status', 'conditions').find(one => readText(one, 'type') === type);
  if (found === undefined) return undefined;
  return {
    status: readText(found, 'status'),
    reason: readText(found, 'reason'),
    message: readText(found, 'message'),
    since: readText(found, 'lastTransitionTime'),
    observedGeneration: read(found, 'observedGeneration'),
  };
}

/** Whether the last condition of this generation says that it is ready. */
export function isReady(object: KubeObject): boolean {
  const ready = conditionOf(object, 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === (object.metadata.generation ?? 0);
}
