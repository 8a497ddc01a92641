// A run as plain data: what is published, with which limits, and everything that goes wrong. A seed
// makes one; shrinking makes it smaller.

import type { Doubt } from '../../../worker/deliver/destination.ts';
import type { LogFaults } from '../log/log-faults.ts';
import type { Limits } from './limits.ts';
import type { Verb } from './person.ts';

export interface FunctionFaults {
  /** Longest time to answer, milliseconds. */
  readonly latencyMs: number;
  /** Of a call: it takes up to the deadline. */
  readonly slow: number;
  /** After so long the caller gives up, milliseconds. */
  readonly deadlineMs: number;
  /** Of a call: no answer before the deadline; half of such calls were handled all the same. */
  readonly hangs: number;
  /** Of an item: fails, and may be tried again. */
  readonly flaky: number;
  /** Of an item: fails for good. */
  readonly refuses: number;
  /** Of a call: asks for a pause instead. */
  readonly throttles: number;
  /** Of a call: all its items fail. */
  readonly wholeFails: number;
  /** Of a failure: says when to come back. */
  readonly retryAfter: number;
  /** These keys fail as often as `poisonTimes` says. */
  readonly poison: readonly number[];
  readonly poisonTimes: number;
  /** Whether the function says so, or it only seems to be down for them. */
  readonly poisonDoubt: Doubt | undefined;
}

export type Happening =
  | { readonly at: number; readonly kind: 'kill'; readonly owner: number; readonly forMs: number }
  | { readonly at: number; readonly kind: 'pause'; readonly owner: number; readonly forMs: number }
  | { readonly at: number; readonly kind: 'stop'; readonly owner: number; readonly forMs: number }
  | { readonly at: number; readonly kind: 'rebalance' }
  | { readonly at: number; readonly kind: 'log down'; readonly forMs: number }
  | { readonly at: number; readonly kind: 'function down'; readonly forMs: number }
  | { readonly at: number; readonly kind: 'clock'; readonly owner: number; readonly byMs: number }
  | { readonly at: number; readonly kind: 'retention'; readonly keep: number }
  | { readonly at: number; readonly kind: 'grow'; readonly partitions: number }
  | { readonly at: number; readonly kind: 'command'; readonly verb: Verb };

/**
 * What hits an owner in the moment in which something of its own takes effect
 * in the log; probabilities.
 */
export interface Nudges {
  /** Of a record in the parking log, or of a dead letter. */
  readonly killOnAppend: number;
  readonly pauseOnAppend: number;
  /** Of a claim. */
  readonly pauseOnClaim: number;
  /**
   * Of a claim: all else goes on, but its maker gets nothing of the parking
   * log that it has to replay.
   */
  readonly slowReplay: number;
  readonly killOnCommit: number;
  readonly forMs: number;
}

export const NO_NUDGES: Nudges = {
  killOnAppend: 0,
  pauseOnAppend: 0,
  pauseOnClaim: 0,
  slowReplay: 0,
  killOnCommit: 0,
  forMs: 7_000,
};

export interface Plan {
  readonly seed: number;
  readonly limits: Limits;
  readonly log: LogFaults;
  readonly functions: FunctionFaults;
  readonly nudges: Nudges;
  readonly happenings: readonly Happening[];
}

/** Limits that no fault and no test of a limit needs smaller. */
export const WIDE: Limits = {
  partitions: 1,
  keys: 3,
  events: 12,
  keyless: 0,
  filtered: 0,
  spanMs: 20_000,
  owners: 2,
  order: 'key',
  concurrency: 8,
  batch: 1,
  attempts: 3,
  withinMs: 0,
  initialMs: 200,
  onExhausted: 'skip',
  parkedKeys: 1_000,
  parkedBytes: 1_000_000,
  metadataBytes: 4_096,
  readRecords: 100,
  parkingLogRecords: 20_000,
  maxAgeMs: 0,
  delayMs: 0,
  rate: 0,
  shares: 0,
  shareMax: 0,
};

export const NO_FUNCTION_FAULTS: FunctionFaults = {
  latencyMs: 20,
  slow: 0,
  deadlineMs: 3_000,
  hangs: 0,
  flaky: 0,
  refuses: 0,
  throttles: 0,
  wholeFails: 0,
  retryAfter: 0,
  poison: [],
  poisonTimes: 0,
  poisonDoubt: undefined,
};
