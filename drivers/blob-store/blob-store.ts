// The port to objects: streams in and out under a key, whole or not at all, and
// a journal of what changed.
import type { Readable } from 'node:stream';

export interface BlobSummary {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Stands for the content: differs when that differs. Without quotes. */
  readonly etag: string;
  /** When it was written, milliseconds since 1970. */
  readonly modified: number;
}

export interface BlobInfo extends BlobSummary {
  readonly contentType: string;
  /**
   * Names are lower-case letters, digits and dashes, values printable ASCII; 2,048 bytes in all.
   */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PutBlob {
  /** Default `application/octet-stream`. */
  readonly contentType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Writes only when there is none of this key, or only over this one. Without it always. */
  readonly when?: 'absent' | { readonly etag: string } | undefined;
  /** A longer body is refused with `body-too-large`. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `blob`: what stands there now. */
export type PutBlobOutcome =
  | { readonly written: true; readonly blob: BlobInfo }
  | { readonly written: false; readonly blob: BlobInfo | undefined };

/**
 * `last` is inclusive, as in HTTP (RFC 9110 §14.1.2). A negative `first` asks for that many bytes
 * at the end. Bytes beyond the end are left out.
 */
export interface BlobRange {
  readonly first: number;
  readonly last?: number | undefined;
}

export interface OpenBlob {
  readonly info: BlobInfo;
  /** The part that `body` gives: `length` bytes, starting at `first`. */
  readonly first: number;
  readonly length: number;
  /**
   * The content at the time of the call, whatever is written meanwhile. To be read to its end or
   * destroyed. Damage is an error before its end, never an end.
   */
  readonly body: Readable;
  /**
   * Once `body` has ended: whether its bytes were compared with a checksum. Without it they were.
   */
  wasCompared?(): boolean;
}

export interface BlobPage {
  readonly blobs: readonly BlobSummary[];
  /** As `after` it goes on; undefined at the end. */
  readonly next: string | undefined;
}

export interface BlobChange {
  readonly kind: 'written' | 'deleted';
  readonly key: string;
  /** The ETag of the content that this call wrote. Another write may have replaced it since. */
  readonly etag: string | undefined;
  readonly size: number | undefined;
  readonly at: number;
}

export interface BlobChanges {
  /** In order for each key, each at least once. */
  readonly changes: readonly BlobChange[];
  /**
   * The cursor to go on from, also when there were no changes. A reader that must not miss a change
   * stores it.
   */
  readonly next: string;
}

/**
 * Keys are paths: 1 to 1,024 bytes of UTF-8, parts between slashes, none of them empty, `.` or
 * `..`, no control characters. Errors: `invalid-input`,
 * `body-too-large`, `store-unavailable` (nothing is known; the same call may succeed later),
 * `overloaded` (nothing has happened),
 * `data-corrupt` (found, and not served), the reason of the signal.
 */
export interface BlobStore {
  /**
   * The store's clock, about milliseconds since 1970: what processes that share it agree on,
   * whatever their own clocks say.
   */
  now(): Promise<number>;
  /**
   * The object is durable when the promise resolves. Until then readers see nothing of it, and they
   * never see a part. The caller must not change bytes that `body` has yielded.
   */
  put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, options?: PutBlob): Promise<PutBlobOutcome>;
  head(key: string): Promise<BlobInfo | undefined>;
  get(key: string, range?: BlobRange): Promise<OpenBlob | undefined>;
  /** Whether it was there. */
  delete(key: string): Promise<boolean>;
  /**
   * The objects whose keys begin with `prefix`, in order of UTF-8. `limit`: 1 to `MAX_BLOB_PAGE`.
   */
  list(prefix: string, page: { readonly limit: number; readonly after?: string | undefined }): Promise<BlobPage>;
  /** A cursor behind all changes so far. */
  latestChange(): Promise<string>;
  /**
   * Changes after the cursor `after`, or from the oldest stored one when it is undefined. The call
   * waits up to `waitMs` for the first. It answers `gone` when some of these changes are no longer
   * stored: then list the objects, and go on from a cursor taken before the listing.
   */
  changes(
    after: string | undefined,
    options: {
      readonly limit: number;
      readonly waitMs?: number | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<BlobChanges>;
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  close(): Promise<void>;
}

/** One whose objects others write, too, past it, and whose server tells of that. */
export interface NotifiedBlobStore extends BlobStore {
  /**
   * Takes what the server tells, as it came. Resolves when what others have written is among the
   * changes; hearing it twice may tell it twice. Rejects with `invalid-input` where nothing can be
   * made of it, or of a part of it, now or ever: the rest is told then.
   */
  receiveNotification(message: Uint8Array): Promise<void>;
}

export const MAX_BLOB_PAGE = 1000;
