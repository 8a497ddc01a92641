// An entry of the cache as bytes: a line of JSON about the value and the lease, then the value
// itself.
import { TenfoldError } from '../../core/errors.ts';

/** Name of a tag and the generation that it had. */
export type Generations = Readonly<Record<string, string>>;

export interface CacheValue {
  readonly etag: string;
  /** Content-Type, as it was given. */
  readonly type: string;
  readonly bytes: Buffer;
  /** Purged when a tag has another generation now. */
  readonly tags: Generations;
  /** How long it may stand in for a newer one after its own time, milliseconds. */
  readonly staleMs: number;
  /**
   * When that ends, by the clock of who wrote it; only for keeping it no longer when the entry is
   * written again beside a lease.
   */
  readonly until: number;
  /**
   * Mark of its writer: a lease's token, or the Idempotency-Key. A repeat of the same write is
   * recognised by it.
   */
  readonly by: string | undefined;
}

export interface CacheLease {
  readonly token: string;
  /** The generations before the holder of the lease read its source. */
  readonly tags: Generations;
  /** Version of the key that says how long it lasts. */
  readonly mark: string;
}

export interface CacheEntry {
  readonly value: CacheValue | undefined;
  readonly lease: CacheLease | undefined;
}

type Head = { readonly value?: Omit<CacheValue, 'bytes'>; readonly lease?: CacheLease };

export function encodeEntry({ value, lease }: CacheEntry): Buffer {
  const { bytes, ...about } = value ?? { bytes: Buffer.alloc(0) };
  const head = JSON.stringify({ value: value && about, lease });
  return Buffer.concat([Buffer.from(`${head}\n`), bytes]);
}

export function decodeEntry(stored: Uint8Array): CacheEntry {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const end = bytes.indexOf(0x0a);
  let head: Head;
  try {
    head = JSON.parse(bytes.toString('utf8', 0, end)) as Head;
  } catch (cause) {
    throw new TenfoldError('data-corrupt', 'The store holds no valid cache entry under this key.', {
      cause,
    });
  }
  const value = head.value && { ...head.value, by: head.value.by, bytes: bytes.subarray(end + 1) };
  return { value, lease: head.lease };
}
