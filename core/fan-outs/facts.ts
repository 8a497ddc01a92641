// Facts about a job of a FanOut, as records of the log. The state of the job is folded from them,
// so each fact is complete and one copy is enough.
import { type Failure, type StoredFailure, storedFailure } from '../failure.ts';
import { assertFirstVersion, assertKnownKind } from '../stored-version.ts';
import { DEPTH_HEADER } from '../wire.ts';

export interface FactRecord {
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
}

/** Which item of which job waits for what a nested job gives. */
export interface ParentItem {
  /** Name of the parent's FanOut, in the same namespace. */
  readonly fanOut: string;
  readonly nonce: string;
  readonly partition: number;
  readonly index: number;
}

export type Fact =
  /** The value of its record is the data of the event that begins the job. */
  | {
      readonly kind: 'start';
      readonly owner: string;
      readonly parent?: ParentItem | undefined;
    }
  /** So many items were handed out. `done`: there are no more. */
  | { readonly kind: 'split'; readonly items: number; readonly done: boolean }
  | { readonly kind: 'split-failed'; readonly error: Failure; readonly letter: Letter }
  /** The value of its record is the result, unless that is kept in the blob store. */
  | { readonly kind: 'done'; readonly index: number; readonly result: ResultHead }
  | { readonly kind: 'failed'; readonly index: number; readonly error: Failure; readonly letter: Letter }
  /**
   * The value of its record is the result. `generation`: of the job when it began to be gathered.
   */
  | { readonly kind: 'gathered'; readonly generation: number; readonly result: ResultHead }
  | { readonly kind: 'gather-failed'; readonly generation: number; readonly error: Failure }
  | { readonly kind: 'cancel' }
  /** `indexes`: only these items, whose dead letters the sender redrives. */
  | { readonly kind: 'redrive'; readonly indexes?: readonly number[] | undefined }
  | { readonly kind: 'deadline'; readonly generation: number }
  /** Its results are kept no longer. */
  | { readonly kind: 'forget'; readonly generation: number };

/** Position of a dead letter among those of its group. */
export interface Letter {
  readonly partition: number;
  readonly offset: number;
  readonly generation: number;
  readonly attempts: number;
  readonly reason: string;
}

/** The answer without its bytes. */
export interface ResultHead {
  /** HTTP status. */
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly size: number;
  /** Its key in the blob store, where it is too large. */
  readonly blob?: string | undefined;
}

const FACT_HEADER = 'tenfold-fact';
/** On items and tasks: which job they are of, and in which partition that is kept. */
export const HOME_HEADER = 'tenfold-home';
export const INDEX_HEADER = 'tenfold-index';
export const GENERATION_HEADER = 'tenfold-generation';

const EMPTY = new Uint8Array(0);
/** Any other kind is from a later release, whatever its version. */
const KINDS: Readonly<Record<Fact['kind'], true>> = {
  start: true,
  split: true,
  'split-failed': true,
  done: true,
  failed: true,
  gathered: true,
  'gather-failed': true,
  cancel: true,
  redrive: true,
  deadline: true,
  forget: true,
};

/** `value`: the part of the record beside the fact; `headers`: those of the event, for a start. */
export function toFactRecord(
  nonce: string,
  partition: number,
  fact: Fact,
  value: Uint8Array = EMPTY,
  headers: Readonly<Record<string, string>> = {},
): FactRecord {
  return { key: nonce, partition, value, headers: { ...headers, [FACT_HEADER]: encodeFact(fact) } };
}

/**
 * Undefined for a record that nobody of ours has written. One of a later version, or of an unknown
 * kind, is refused (`later-release`): it would be lost to its job.
 */
export function factOf({ key, headers }: Pick<FactRecord, 'key' | 'headers'>): Fact | undefined {
  const text = headers[FACT_HEADER];
  const fact = text === undefined ? undefined : parse(text);
  assertFirstVersion(`what is told of job ${key}`, fact);
  if (!isFact(fact)) return undefined;
  assertKnownKind(`what is told of job ${key}`, fact.kind, KINDS);
  if (!('error' in fact) || fact.cause === undefined) return fact;
  const { cause, ...told } = fact;
  return { ...told, error: { ...told.error, cause } };
}

function encodeFact(fact: Fact): string {
  return JSON.stringify('error' in fact ? { ...fact, ...storedFailure(fact.error) } : fact);
}

/** Headers of a record without our own: the rest belongs to the event. */
export function eventHeadersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('tenfold-') || name === DEPTH_HEADER) kept[name] = value;
  }
  return kept;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFact(value: unknown): value is Fact & Pick<StoredFailure, 'cause'> {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}
