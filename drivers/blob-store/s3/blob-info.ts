// What an object says of itself, and the stamp among its metadata by which a writer knows its own object again.
import type { BlobInfo } from '../blob-store.ts';

/** Metadata of ours: when it was written, and by which call. */
const STAMP = 'tenfold-write';

export interface Written extends BlobInfo {
  /** Undefined: not written by us. */
  readonly stamp: string | undefined;
}

export interface ObjectHead {
  readonly ETag?: string | undefined;
  readonly LastModified?: { getTime(): number } | undefined;
  readonly ContentType?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

export const unquoted = (etag: string | undefined): string => (etag ?? '').replace(/^(W\/)?"|"$/g, '');

export const quoted = (etag: string): string => `"${etag}"`;

/** `id`: of no other call. */
export function stampOf(id: string, at: number): string {
  return `${at.toString(36)}.${id.replaceAll('-', '').slice(0, 20)}`;
}

export function timeOf(stamp: string): number {
  return Number.parseInt(stamp, 36);
}

export function withStamp(metadata: Readonly<Record<string, string>>, stamp: string): Record<string, string> {
  return { ...metadata, [STAMP]: stamp };
}

export const isReserved = (metadata: Readonly<Record<string, string>>): boolean => STAMP in metadata;

export function toWritten(key: string, size: number, head: ObjectHead): Written {
  const { [STAMP]: stamp, ...metadata } = head.Metadata ?? {};
  return {
    key,
    size,
    etag: unquoted(head.ETag),
    modified: stamp === undefined ? (head.LastModified?.getTime() ?? 0) : timeOf(stamp),
    contentType: head.ContentType ?? 'application/octet-stream',
    metadata,
    stamp,
  };
}

export function toInfo({ stamp: _, ...info }: Written): BlobInfo {
  return info;
}
