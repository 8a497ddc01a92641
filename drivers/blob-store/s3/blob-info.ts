// Metadata of an object, and the stamp in it by which a writer recognises its own object.
import { createHash } from 'node:crypto';
import type { BlobInfo } from '../blob-store.ts';

/** Metadata of ours: when it was written, by which call, and under which key. */
const STAMP = 'tenfold-write';
/**
 * A time, as far as dates go, and an id; the mark of the key is missing in
 * those of earlier versions.
 */
const SOUND = /^[0-9a-z]{1,9}\.[0-9a-z]{1,20}(?:\.([0-9a-f]{8}))?$/;

export interface Written extends BlobInfo {
  /** Undefined: not written by us under this key. */
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
export function stampOf(key: string, id: string, at: number): string {
  return `${at.toString(36)}.${id.replaceAll('-', '').slice(0, 20)}.${markOf(key)}`;
}

/**
 * Servers copy metadata with an object: the copy was not written by us. Others
 * can write what they like.
 */
function isStampOf(key: string, stamp: string): boolean {
  const [isSound, mark] = SOUND.exec(stamp) ?? [];
  return isSound !== undefined && (mark === undefined || mark === markOf(key));
}

function markOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}

export function timeOf(stamp: string): number {
  return Number.parseInt(stamp, 36);
}

export function withStamp(metadata: Readonly<Record<string, string>>, stamp: string): Record<string, string> {
  return { ...metadata, [STAMP]: stamp };
}

export const isReservedMetadata = (metadata: Readonly<Record<string, string>>): boolean => STAMP in metadata;

export function toWritten(key: string, size: number, head: ObjectHead): Written {
  const { [STAMP]: text, ...metadata } = head.Metadata ?? {};
  const stamp = text !== undefined && isStampOf(key, text) ? text : undefined;
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
