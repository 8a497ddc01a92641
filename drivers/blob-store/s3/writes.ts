// Writing and deleting objects in S3: whole or not at all, once each although answers get lost, and
// told in the journal where that is wanted.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { abortable } from '../abortable.ts';
import { assertBlobKey, assertBlobOptions } from '../assert-blob.ts';
import type { BlobInfo, BlobStore, PutBlob, PutBlobOutcome } from '../blob-store.ts';
import { isReservedMetadata, stampOf, timeOf, toInfo, type Written, withStamp } from './blob-info.ts';
import type { BufferBudget } from './buffer-budget.ts';
import { type Done, type KeyClaims, toChange, toDeleted } from './claims/claims.ts';
import type { S3Link } from './link.ts';
import type { ObjectNames } from './object-names.ts';
import { createPartBuffers } from './part-buffers.ts';
import type { ObjectReads } from './reads.ts';
import { isContested, isMissing, isUnmet, toBlobError } from './s3-error.ts';
import { splitBody } from './split-body.ts';
import { type Staged, stageBody } from './write-body.ts';

export interface Writes {
  put: BlobStore['put'];
  delete: BlobStore['delete'];
  /** Resolves when what was promised to be tidied up is. */
  settled(): Promise<void>;
}

export interface WritesOptions {
  readonly world: World;
  readonly link: S3Link;
  readonly names: ObjectNames;
  readonly reads: ObjectReads;
  readonly claims: KeyClaims;
  readonly budget: BufferBudget;
  readonly told: (key: string) => boolean;
  readonly partBytes: number;
}

/** Kept for the next long object. */
const FREE_BUFFERS = 4;

type When = PutBlob['when'];
type Unfinished = Omit<BlobInfo, 'etag'> & { readonly stamp: string };

export function createWrites(options: WritesOptions): Writes {
  const { world, link, names, reads, claims, budget, told, partBytes } = options;
  const buffers = createPartBuffers(partBytes, FREE_BUFFERS);

  /**
   * The stored object shows whether it was written, also when no answer came or a second attempt
   * met the first.
   */
  async function commit(staged: Staged, written: Unfinished, when: When): Promise<PutBlobOutcome> {
    const { key, stamp } = written;
    if (when !== undefined) {
      const there = await reads.head(key);
      if (!fits(when, there)) return { written: false, blob: maybeInfo(there) };
    }
    try {
      const etag = await staged.commit(when);
      const { stamp: _, ...info } = written;
      return { written: true, blob: { ...info, etag } };
    } catch (error) {
      const there = await reads.head(key).catch(() => undefined);
      if (there?.stamp === stamp) return { written: true, blob: toInfo(there) };
      if (when !== undefined && (isUnmet(error) || isMissing(error))) return { written: false, blob: maybeInfo(there) };
      if (isContested(error))
        throw new TenfoldError('store-unavailable', `Others are writing the object '${key}' right now. Try again.`);
      throw toBlobError(error, link.where);
    }
  }

  return {
    async put(key, body, settings = {}) {
      assertBlobKey(key);
      assertBlobOptions(settings);
      const { when, signal, contentType = 'application/octet-stream', metadata = {} } = settings;
      if (isReservedMetadata(metadata))
        throw new TenfoldError('invalid-input', "The name 'tenfold-write' in the metadata is not free.");
      signal?.throwIfAborted();
      const modified = world.now();
      const stamp = stampOf(key, world.id(), modified);
      const parts = splitBody(body instanceof Uint8Array ? body : abortable(body, signal), {
        partBytes,
        maxBytes: settings.maxBytes ?? Number.POSITIVE_INFINITY,
        budget,
        buffers,
        signal,
      });
      const object = { name: names.ofKey(key), contentType, metadata: withStamp(metadata, stamp) };
      const staged = await stageBody(link, object, parts, signal);
      try {
        signal?.throwIfAborted();
        const written = { key, size: staged.size, modified, contentType, metadata, stamp };
        if (!told(key)) return await commit(staged, written, when);
        return await claims.within(
          { key, kind: 'written', stamp, workMs: staged.commitMs },
          async (): Promise<Done<PutBlobOutcome>> => {
            const outcome = await commit(staged, written, when);
            if (!outcome.written) return { result: outcome };
            return { result: outcome, change: toChange(outcome.blob) };
          },
          signal,
        );
      } finally {
        await staged.release();
      }
    },
    async delete(key) {
      assertBlobKey(key);
      if (!(await reads.head(key))) return false;
      const remove = () =>
        link.call((s3, request) => s3.deleteObject({ Bucket: link.bucket, Key: names.ofKey(key) }, request));
      if (!told(key)) {
        await remove();
        return true;
      }
      const stamp = stampOf(key, world.id(), world.now());
      return await claims.within({ key, kind: 'deleted', stamp, workMs: link.requestTimeoutMs * 2 }, async () => {
        if (!(await reads.head(key))) return { result: false };
        await remove();
        return { result: true, change: toDeleted(key, timeOf(stamp)) };
      });
    },
    settled: () => claims.settled(),
  };
}

function fits(when: Exclude<When, undefined>, there: Written | undefined): boolean {
  return when === 'absent' ? there === undefined : there?.etag === when.etag;
}

function maybeInfo(there: Written | undefined): BlobInfo | undefined {
  return there && toInfo(there);
}
