// What the contract of the blob store is checked on, and small helpers that its chapters share.
import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { TenfoldError } from '../../../core/errors.ts';
import type { BlobChange, BlobStore } from '../../../drivers/blob-store/blob-store.ts';

export interface BlobSubject {
  /** The store, closed and opened again after `reopen`. */
  readonly blobs: BlobStore;
  reopen(): Promise<void>;
  /** Ends everything and removes what is stored. */
  destroy(): Promise<void>;
}

export interface BlobDriver {
  readonly name: string;
  create(): Promise<BlobSubject>;
}

/** A prefix of a test's own, since some drivers share one service. */
export const newPrefix = (): string => `test-${process.pid}-${Date.now().toString(36)}-${++prefixes}/`;
let prefixes = 0;

/** Bytes that differ from place to place. */
export function content(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function bytesOf(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

export async function read(blobs: BlobStore, key: string): Promise<Buffer | undefined> {
  const opened = await blobs.get(key);
  return opened && bytesOf(opened.body);
}

export async function rejectsWith(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, error => {
    assert.ok(error instanceof TenfoldError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/** Changes under a prefix behind a cursor, until there are `count`. */
export async function changesOf(blobs: BlobStore, after: string, prefix: string, count: number): Promise<BlobChange[]> {
  const found: BlobChange[] = [];
  const end = Date.now() + 2 * 60_000;
  let cursor = after;
  while (found.length < count && Date.now() < end) {
    const page = await blobs.changes(cursor, { limit: 100, waitMs: 200 });
    found.push(...page.changes.filter(({ key }) => key.startsWith(prefix)));
    cursor = page.next;
  }
  return found;
}
