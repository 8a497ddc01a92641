// Faults, as the admin API and `tenfold diagnose` say them.
import type { Reason } from '../../resources/reasons.ts';

export interface ResourceName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Finding {
  /** `error`: something does not work or waits. `warning`: it works, and somebody must look. */
  readonly severity: 'error' | 'warning';
  /** Undefined: it is about the platform as a whole. */
  readonly resource?: ResourceName;
  readonly reason: Reason;
  /** RFC 3339: it has been so at least since then. Undefined: nobody knows. */
  readonly since?: string;
  /** Sentences for people. */
  readonly message: string;
  /** Why, as the target told the platform. */
  readonly cause?: string;
  /** The resources that lead to it, such as `Api shop`. */
  readonly touches: readonly string[];
  /** A command, or a sentence that says what to do. */
  readonly next: string;
}

export interface Diagnosis {
  /** RFC 3339. */
  readonly at: string;
  /** Errors first. Empty: all is well. */
  readonly findings: readonly Finding[];
  /** How many resources were looked at. */
  readonly resources: number;
  /** One sentence for each part that could not be asked: nothing is known of it. */
  readonly unknown: readonly string[];
}

/** The part that each finding of a resource has for itself. */
export type OwnFinding = Omit<Finding, 'resource' | 'touches'>;
