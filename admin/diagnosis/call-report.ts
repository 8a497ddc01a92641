// The newest calls of a Function, as the process that made them counts them.
import type { Cause } from '../../core/cause.ts';

/**
 * The calls of the last five to ten minutes on behalf of requests and of other functions, those
 * aside that were refused or given up.
 */
export interface CallReport {
  readonly namespace: string;
  /** Of the Function. */
  readonly name: string;
  readonly calls: number;
  /** The calls among them that failed, or took too long. */
  readonly failed: number;
  /** So many have ended well since the newest failure. */
  readonly wellSince: number;
  /** Calls have failed since then, milliseconds since 1970; undefined: none did. */
  readonly since: number | undefined;
  readonly newest: NewestFailedCall | undefined;
  /** These are of all callers, and not only of the last minutes. */
  readonly ended: EndedCallCounts;
}

/** Calls that were made and whose caller stayed, since the process started. */
export interface EndedCallCounts {
  readonly calls: number;
  /** The calls among them that failed, or took too long. */
  readonly failed: number;
  /** How long they all took together, milliseconds. */
  readonly ms: number;
}

export interface NewestFailedCall {
  readonly outcome: 'failed' | 'timeout';
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  readonly trace: string;
  /** Undefined where the function told none. */
  readonly cause: Cause | undefined;
}
