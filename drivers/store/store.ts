// The port to state: keys with a time to live, and all that folds keep, written together with
// the position it came from.
import type { Buckets } from './buckets.ts';
import type { Change, Fence, FoldOutcome } from './changes.ts';
import type { Feeds } from './feeds.ts';
import type { Leases } from './leases.ts';
import type { Rankings } from './rankings.ts';
import type { Tables } from './tables.ts';
import type { Timers } from './timers.ts';

export interface StoreEntry {
  readonly value: Uint8Array;
  /** Changes with every write of the key, and never comes back after it was deleted or expired. */
  readonly version: string;
}

export interface PutOptions {
  /**
   * Time to live from now, by the store's clock, milliseconds. Every key needs one: nothing is
   * kept for ever by accident.
   */
  readonly ttlMs: number;
  /**
   * Writes only when the key is absent (or has expired), or only when it still has this
   * version. Without it always.
   */
  readonly when?: 'absent' | { readonly version: string };
}

/** `entry`: what stands there now and was met. */
export type PutOutcome =
  | { readonly written: true; readonly version: string }
  | { readonly written: false; readonly entry: StoreEntry | undefined };

/** Keys with a time to live. */
export interface Keys {
  /**
   * The store's clock, about milliseconds since 1970: what times to live are
   * measured by, in whatever process.
   */
  now(): Promise<number>;
  get(scope: string, key: string): Promise<StoreEntry | undefined>;
  /** Durable (as far as the store can be) when it resolves. */
  put(scope: string, key: string, value: Uint8Array | string, options: PutOptions): Promise<PutOutcome>;
  /** Whether it was there (with that version). */
  delete(scope: string, key: string, when?: { readonly version: string }): Promise<boolean>;
}

/** Whole numbers that are added to. */
export interface Counters {
  /** Zero when there is none. */
  counter(scope: string, name: string): Promise<number>;
  /**
   * Adds and answers the sum. Its time to live starts with the first addition and is not
   * lengthened by later ones. After `store-unavailable` it may or may not have been added: where
   * that matters, count in `apply`.
   */
  count(scope: string, name: string, by: number, ttlMs: number): Promise<number>;
}

/** State that is folded from a log. */
export interface Folds {
  /** The position that was written last with `apply`; undefined when there is none. */
  position(scope: string, consumer: string, partition: number): Promise<number | undefined>;
  /**
   * Names the server that keeps the scope now, for `Fence.server`. A store that forgets nothing
   * always has the same name.
   */
  server(scope: string): Promise<string>;
  /**
   * All changes and the new position, or nothing: refused unless the stored position equals
   * `fence.after`. Durable (as far as the store can be) when it resolves. After `store-unavailable`
   * the position tells what happened.
   */
  apply(scope: string, changes: readonly Change[], fence?: Fence): Promise<FoldOutcome>;
  /**
   * Deletes all that the scope holds, whatever it is, a part at a time; what is written to it
   * meanwhile may go too. May be called again.
   */
  drop(scope: string): Promise<void>;
  /**
   * Scopes that hold something and begin with `prefix`, in order of their names, for finding
   * what nobody owns any more.
   */
  scopes(prefix: string, page: { readonly limit: number; readonly after?: string }): Promise<readonly string[]>;
}

/**
 * A scope holds what belongs together (on Redis Cluster: one hash tag). Several changes are one
 * atomic step only within one scope, and nothing reads across scopes. Rows without a time to live
 * belong to the scope's owner, who drops it. Reads see all that was answered before. Errors:
 * `store-unavailable` (nothing is known; the same call may succeed later), `overloaded` (nothing
 * has happened), `invalid-input` (a name, number or cursor that no store takes), `body-too-large`,
 * `data-corrupt` (found, and not served).
 */
export interface Store extends Keys, Counters, Tables, Rankings, Feeds, Timers, Leases, Buckets, Folds {
  /**
   * Names who keeps it. Another name than before: somebody took over who may lack what was answered
   * last, such as a replica. One that forgets nothing always has the same name.
   */
  keeper(): Promise<string>;
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  close(): Promise<void>;
}
