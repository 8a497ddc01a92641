// Names that a FanOut uses: topics of the log, consumer groups, and scopes of the store. Endpoints
// and workers must agree on them, whichever process they run in.
import { fanOutGroupOf } from '../names.ts';

export interface FanOutLayout {
  /**
   * The facts about jobs, keyed by job: begun, an item done, cancelled, … The state of the jobs is
   * folded from them.
   */
  readonly facts: string;
  /** Jobs that are to be divided. */
  readonly splits: string;
  /** Items that are to be worked. */
  readonly items: string;
  /** Jobs whose results are to be gathered. */
  readonly gathers: string;
  /** Consumer group that reads the source, where each event begins a job. */
  readonly starters: string;
  scopeOf(partition: number): string;
  /** Scope that stores the progress of dividing a job. */
  readonly splitScope: string;
}

/**
 * Largest data of the event that begins a job, bytes: they are kept with its state, in one value of
 * the store. Larger ones are uploaded.
 */
export const MAX_FAN_OUT_INPUT = 3 * 1024 * 1024;

/** For good: a job stays in its partition. Items have partitions of their own, which can grow. */
export const FAN_OUT_PARTITIONS = 8;
/** Owner of the positions in the scopes of a FanOut. */
export const FAN_OUT_CONSUMER = 'fan-out';

/** One row for each job, by its nonce. */
export const JOBS_TABLE = 'jobs';
/** The event that began a job. */
export const INPUTS_TABLE = 'inputs';
/**
 * Which items have ended, and how: two bits each, so many items in a row. The version of the job's
 * row, which is read first, is theirs, too.
 */
export const BITS_TABLE = 'bits';
/** Results of items. */
export const RESULTS_TABLE = 'results';
/** Items that were given up. */
export const FAILED_TABLE = 'failed';
/** Result of the job. */
export const OUTCOMES_TABLE = 'outcomes';
/** Effects of a change of state elsewhere, until they are carried out. */
export const OUTBOX_TABLE = 'outbox';
/** Index of jobs by the time they were accepted. */
export const JOBS_BY_TIME = 'accepted';

export function fanOutLayoutOf(namespace: string, name: string): FanOutLayout {
  const base = fanOutGroupOf(namespace, name);
  const scope = `fan-out/${namespace}/${name}`;
  return {
    facts: base,
    splits: `${base}.split`,
    items: `${base}.items`,
    gathers: `${base}.gather`,
    starters: `${base}.start`,
    scopeOf: partition => `${scope}/${partition}`,
    splitScope: `fan-out-split/${namespace}/${name}`,
  };
}

/** Items of a job sort by their index. */
export function itemKeyOf(nonce: string, index: number): string {
  return `${nonce}/${String(index).padStart(8, '0')}`;
}
