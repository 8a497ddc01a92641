// The changes that one `apply` can make, and the position that fences it.
import type { Value } from './values.ts';

/**
 * One change. `ttlMs` is a time to live from now, by the store's clock. If it may be left out,
 * the thing stays until it is deleted or its scope is dropped. Later changes of one `apply` see
 * earlier ones.
 */
export type Change =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array | string; readonly ttlMs: number }
  | { readonly kind: 'delete'; readonly key: string }
  | PutRow
  | { readonly kind: 'delete-row'; readonly table: string; readonly key: string }
  | Score
  | { readonly kind: 'unrank'; readonly ranking: string; readonly member: string }
  | Push
  | { readonly kind: 'unpush'; readonly feed: string; readonly owner: string; readonly id: string }
  | { readonly kind: 'count'; readonly counter: string; readonly by: number; readonly ttlMs?: number | undefined }
  | { readonly kind: 'set-timer'; readonly timer: string; readonly inMs: number; readonly payload: Uint8Array | string }
  | { readonly kind: 'cancel-timer'; readonly timer: string };

export interface PutRow {
  readonly kind: 'put-row';
  readonly table: string;
  readonly key: string;
  readonly value: Uint8Array | string;
  /**
   * By name of the index what the row is found under and sorted by; an index that is not
   * named does not have the row.
   */
  readonly indexes?: Readonly<Record<string, readonly Value[]>> | undefined;
  readonly ttlMs?: number | undefined;
}

export interface Score {
  readonly kind: 'score';
  readonly ranking: string;
  readonly member: string;
  readonly score: number;
  /** `sum` adds to what the member has, `max` keeps the higher, `last` replaces it. */
  readonly mode: 'sum' | 'max' | 'last';
  /**
   * Members beyond so many are forgotten, worst first; they start from nothing when they come back.
   */
  readonly limit: number;
  /** Shown beside the member; undefined keeps what is there. */
  readonly value?: Uint8Array | string | undefined;
  /**
   * Time to live of the whole ranking, started anew by each change; for
   * rankings of one stretch of time.
   */
  readonly ttlMs?: number | undefined;
}

export interface Push {
  readonly kind: 'push';
  readonly feed: string;
  readonly owner: string;
  /** An entry of the same id is replaced. */
  readonly id: string;
  /** Newest first is highest first; entries of the same `at` by id. */
  readonly at: number;
  readonly value: Uint8Array | string;
  /** Entries of this owner beyond so many are forgotten, oldest first. */
  readonly limit: number;
  readonly ttlMs?: number | undefined;
}

/** The owner of a position, and its move. */
export interface Fence {
  readonly consumer: string;
  readonly partition: number;
  /** The position that must be stored now; undefined: there must be none. */
  readonly after: number | undefined;
  readonly upTo: number;
  /**
   * As `Folds.server` named it before anything was read. Refused where another server keeps the
   * scope by now: it may have forgotten what was read, and stand at the same position all the same.
   */
  readonly server?: string;
}

/** `position`: the one that is stored; the consumer returns to it. */
export type FoldOutcome =
  | { readonly applied: true }
  | { readonly applied: false; readonly position: number | undefined };
