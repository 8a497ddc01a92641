// How the instances of a Function are asked whether they live: by its probes, or by
// what our own runtime answers.
import type { Resource } from './resource.ts';

export interface HealthChecks {
  /** Answered as long as the process lives. */
  readonly path: string;
  /** Answered as long as it takes calls. */
  readonly readyPath: string;
  /** Without an answer for so long it gets no calls. */
  readonly unreadyAfterMs: number;
  /** Without an answer for so long it is replaced. */
  readonly restartAfterMs: number;
}

const UNREADY_AFTER_MS = 30_000;
const LEAST_RESTART_MS = 60_000;
/** Added to the time limit of a call: work that takes longer answers no caller. */
const BEYOND_MS = 30_000;

/** Undefined where its answers to paths are unknown. */
export function healthOf({ spec }: Pick<Resource<'Function'>, 'spec'>): HealthChecks | undefined {
  const { source, probes, timeout } = spec;
  if (source === undefined && probes === undefined) return undefined;
  return {
    path: probes?.path ?? '/healthz',
    readyPath: probes?.readyPath ?? probes?.path ?? '/readyz',
    unreadyAfterMs: probes?.unreadyAfter ?? UNREADY_AFTER_MS,
    restartAfterMs: probes?.restartAfter ?? Math.max(LEAST_RESTART_MS, timeout + BEYOND_MS),
  };
}
