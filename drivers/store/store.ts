// The port to state: keys with a life time, leases, and what folds keep, written together with the position it came from.

export interface StoreEntry {
  readonly value: Uint8Array;
  /** Changes with every write of the key. */
  readonly version: string;
}

export interface PutOptions {
  /** Life time from now, by the store's clock, milliseconds. Every key needs one: nothing is kept for ever by accident. */
  readonly ttlMs: number;
  /** Writes only when the key is absent (or has expired), or only when it still has this version. Without it always. */
  readonly when?: 'absent' | { readonly version: string };
}

/** `entry`: what stands there now, written or met. */
export type PutOutcome =
  | { readonly written: true; readonly version: string }
  | { readonly written: false; readonly entry: StoreEntry | undefined };

/**
 * A scope is what is kept together (on Redis Cluster: one hash tag); only within one scope are several changes one atomic step.
 * Errors: `store-unavailable` (nothing is known; the same call may succeed later), `overloaded` (nothing has happened).
 */
export interface Store {
  get(scope: string, key: string): Promise<StoreEntry | undefined>;
  /** Durable (as far as the store can be) when it resolves. */
  put(scope: string, key: string, value: Uint8Array | string, options: PutOptions): Promise<PutOutcome>;
  /** Whether it was there (with that version). */
  delete(scope: string, key: string, when?: { readonly version: string }): Promise<boolean>;
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  close(): Promise<void>;
}
