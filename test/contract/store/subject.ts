// What the contract of the store is checked on, and small helpers that its chapters share.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Store } from '../../../drivers/store/store.ts';

export interface StoreSubject {
  /** The store, closed and opened again after `reopen`. */
  readonly store: Store;
  reopen(): Promise<void>;
  /** Lets the store's clock go on by so much, or a little more. */
  pass(ms: number): Promise<void>;
  /** Ends everything and removes what is stored. */
  destroy(): Promise<void>;
}

export interface StoreDriver {
  readonly name: string;
  create(): Promise<StoreSubject>;
}

/** Names are new in every run, since some drivers share one service. */
export const newScope = (): string => `test-${process.pid}-${Date.now().toString(36)}-${++scopes}`;
let scopes = 0;

export const HOUR = 3_600_000;

export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString();
}

export async function rejectsWith(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, error => {
    assert.ok(error instanceof TenfoldError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/** One step without a position. */
export async function change(store: Store, scope: string, ...changes: Change[]): Promise<void> {
  assert.deepEqual(await store.apply(scope, changes), { applied: true });
}
