// The limits that a plan draws.

export interface Limits {
  readonly partitions: number;
  readonly keys: number;
  readonly events: number;
  /** Of the events: no key. */
  readonly keyless: number;
  /** Of the events: the consumer leaves them out. */
  readonly filtered: number;
  /** Time over which events are published and faults happen, milliseconds. */
  readonly spanMs: number;
  readonly owners: number;
  readonly order: 'key' | 'partition' | 'none';
  readonly concurrency: number;
  readonly batch: number;
  readonly attempts: number;
  /** How long an event is tried; 0: only its attempts count. */
  readonly withinMs: number;
  readonly initialMs: number;
  readonly onExhausted: 'skip' | 'hold';
  readonly parkedKeys: number;
  readonly parkedBytes: number;
  readonly metadataBytes: number;
  readonly readRecords: number;
  /** Of a parking log before it is made shorter. */
  readonly parkingLogRecords: number;
  readonly maxAgeMs: number;
  readonly delayMs: number;
  /** Events delivered per second and process; 0: no limit. */
  readonly rate: number;
  /** Shares of the events, of one key too; 0: none are declared. */
  readonly shares: number;
  /** Events of one share in flight at the same time; 0: no limit. */
  readonly shareMax: number;
}
