// How requests to the blob store's tables cross to their thread.
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';

export const BLOB_WRITE = { commit: 0, delete: 1, cleaned: 2 } as const;
export const BLOB_READ = { get: 0, list: 1, keyOf: 2, garbage: 3, changes: 4, latest: 5 } as const;

/** The row that the tables hold for an object. */
export interface Entry {
  readonly key: string;
  readonly stamp: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly contentType: string;
  /** JSON. */
  readonly metadata: string;
  readonly checks: Uint8Array;
}

export function packBlobEntry(out: ByteWriter, entry: Entry): void {
  out.text(entry.key);
  out.text(entry.stamp);
  out.f64(entry.size);
  out.text(entry.etag);
  out.f64(entry.modified);
  out.text(entry.contentType);
  out.text(entry.metadata);
  out.sized(entry.checks);
}

export function unpackBlobEntry(from: ByteReader): Entry {
  return {
    key: from.text(),
    stamp: from.text(),
    size: from.f64(),
    etag: from.text(),
    modified: from.f64(),
    contentType: from.text(),
    metadata: from.text(),
    checks: new Uint8Array(from.sized()),
  };
}

export function packMaybeEntry(out: ByteWriter, entry: Entry | undefined): void {
  out.u8(entry ? 1 : 0);
  if (entry) packBlobEntry(out, entry);
}

export function unpackMaybeEntry(from: ByteReader): Entry | undefined {
  return from.u8() === 0 ? undefined : unpackBlobEntry(from);
}
