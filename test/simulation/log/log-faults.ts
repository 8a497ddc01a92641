// What can go wrong between a process and the simulated log; each a probability per call
// unless it says otherwise.

export interface LogFaults {
  /** Longest way of a call or an answer, milliseconds. */
  readonly latencyMs: number;
  /** A way takes up to `slowMs` instead. */
  readonly slow: number;
  readonly slowMs: number;
  /** `overloaded`: nothing happened. */
  readonly appendRefused: number;
  /** `log-unavailable`: nothing happened. */
  readonly appendFails: number;
  /** `log-unavailable`, and all of it happened. */
  readonly appendUnknown: number;
  /** `log-unavailable`, and a part of it happened. */
  readonly appendHalf: number;
  /** `log-unavailable`, and it happens later, after what was appended meanwhile. */
  readonly appendLate: number;
  readonly commitFails: number;
  readonly commitUnknown: number;
  readonly commitLate: number;
  readonly readFails: number;
  /** Less is seen than is there. */
  readonly readStale: number;
  /** Of all other calls. */
  readonly callFails: number;
  /** Of a record: offsets before or after it that hold nothing. */
  readonly gap: number;
  /** Of a partition that moves: its new owner does not wait for the former one. */
  readonly overlap: number;
  /** How late, at most, such a former owner learns of it, milliseconds. */
  readonly zombieMs: number;
  /** Of a rebalance: partitions move that could have stayed. */
  readonly shuffle: number;
}

export const NO_LOG_FAULTS: LogFaults = {
  latencyMs: 3,
  slow: 0,
  slowMs: 0,
  appendRefused: 0,
  appendFails: 0,
  appendUnknown: 0,
  appendHalf: 0,
  appendLate: 0,
  commitFails: 0,
  commitUnknown: 0,
  commitLate: 0,
  readFails: 0,
  readStale: 0,
  callFails: 0,
  gap: 0,
  overlap: 0,
  zombieMs: 0,
  shuffle: 0,
};
