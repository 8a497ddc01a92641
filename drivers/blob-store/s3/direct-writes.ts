// Tells in the journal what others have written straight into the bucket,
// once the bucket has said so.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { stampOf, type Written } from './blob-info.ts';
import { type ReportedWrite, readBucketEvent } from './bucket-event.ts';
import { type Done, type KeyClaims, toChange } from './claims/claims.ts';
import type { S3Link } from './link.ts';
import type { ObjectNames, Places } from './object-names.ts';
import type { ObjectReads } from './reads.ts';
import { isMissing, s3RefusalOf } from './s3-error.ts';

export interface DirectWrites {
  /** See `NotifiedBlobStore.receiveNotification`. */
  receiveNotification(message: Uint8Array): Promise<void>;
}

export interface DirectWritesOptions {
  readonly world: World;
  readonly link: S3Link;
  readonly places: Places;
  readonly names: ObjectNames;
  readonly reads: ObjectReads;
  readonly claims: KeyClaims;
  readonly told: (key: string) => boolean;
}

/** Events of one message that are looked at together. */
const AT_ONCE = 16;

export function createDirectWrites(options: DirectWritesOptions): DirectWrites {
  const { world, link, places, names, reads, claims, told } = options;

  /** Undefined: nothing, or what we have written ourselves and therefore tell anyhow. */
  async function strange(key: string): Promise<Written | undefined> {
    try {
      const there = await reads.head(key);
      return there?.stamp === undefined ? there : undefined;
    } catch (error) {
      throw (await isOfObject(error))
        ? new TenfoldError('invalid-input', `the object '${key}' cannot be looked at: ${textOf(error)}`, {
            cause: error,
          })
        : error;
    }
  }

  /**
   * Whether it is this object that is refused, such as one with a key of its own, and not
   * everything: it must not hold up the others.
   */
  async function isOfObject(error: unknown): Promise<boolean> {
    const status = s3RefusalOf(error instanceof TenfoldError ? error.cause : error)?.status ?? 500;
    if (status >= 500 || status === 408 || status === 429) return false;
    return await link
      .call((s3, request) => s3.headObject({ Bucket: link.bucket, Key: places.marker }, request))
      .then(() => true, isMissing);
  }

  /**
   * Under a claim, so that who writes the same key through us is told before or after, as it was.
   * Nothing is written under it but the journal.
   */
  async function tell(key: string): Promise<void> {
    const stamp = stampOf(key, world.id(), world.now());
    await claims.within({ key, kind: 'written', stamp, workMs: 0 }, async (): Promise<Done<void>> => {
      const there = await strange(key);
      return there ? { result: undefined, change: toChange(there) } : { result: undefined };
    });
  }

  async function processWrite({ buckets, names: spellings, etag }: ReportedWrite): Promise<void> {
    if (!buckets.includes(link.bucket)) return;
    const keys = spellings.flatMap(name => names.toKey(name) ?? []).filter(told);
    const there = (await Promise.all(keys.map(strange))).filter(object => object !== undefined);
    // Several spellings of one name can be there; the event says which it means,
    // unless that was written over.
    const meant = there.filter(object => object.etag === etag);
    for (const { key } of meant.length > 0 ? meant : there) await tell(key);
  }

  return {
    async receiveNotification(message) {
      const { writes, unreadable } = readBucketEvent(message);
      let refused = unreadable && `An event of ${link.where} cannot be read: ${unreadable}.`;
      for (let from = 0; from < writes.length; from += AT_ONCE) {
        const results = await Promise.allSettled(writes.slice(from, from + AT_ONCE).map(processWrite));
        for (const result of results) {
          if (result.status === 'fulfilled') continue;
          const { reason } = result;
          if (!(reason instanceof TenfoldError && reason.code === 'invalid-input')) throw reason;
          refused ??= `An event of ${link.where} was of no use: ${reason.message}`;
        }
      }
      if (refused !== undefined) throw new TenfoldError('invalid-input', refused);
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
