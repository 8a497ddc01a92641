// The jobs of Queues in the admin API.
import type { Cause } from '../core/cause.ts';

/** `unknown`: a later release has written it. */
export const jobStates = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] as const;

export interface JobSummary {
  readonly id: string;
  readonly namespace: string;
  readonly queue: string;
  readonly state: (typeof jobStates)[number];
  readonly attempts: number;
  /** RFC 3339. */
  readonly queuedAt: string;
  readonly startedAt?: string;
  readonly nextAttemptAt?: string;
  readonly finishedAt?: string;
  /** Why it failed, for people. */
  readonly error?: string;
  /** As the function told it to the platform. */
  readonly cause?: Cause;
}

export interface JobQuery {
  readonly namespace?: string;
  /** Only those in these namespaces. Without it in all. */
  readonly visible?: ((namespace: string) => boolean) | undefined;
  readonly queue?: string;
  readonly state?: JobSummary['state'];
  readonly limit: number;
  readonly after?: string;
}
