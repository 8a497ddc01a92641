// Puts in order what processes that died have left: changes that nobody told, parts of uploads that
// never ended, and segments of the journal beyond their time.
import { TenfoldError } from '../../../core/errors.ts';
import { every } from '../../../core/retry/every.ts';
import type { World } from '../../../core/world.ts';
import type { ServedClock } from '../../served-clock.ts';
import type { KeyClaims } from './claims/claims.ts';
import type { JournalEnds } from './journal/journal-ends.ts';
import type { S3Link } from './link.ts';
import type { Places } from './object-names.ts';
import { isMissing } from './s3-error.ts';

export interface BucketSweepOptions {
  readonly world: World;
  /** The server's clock, by which the times of stored objects are measured. */
  readonly clock: ServedClock;
  readonly link: S3Link;
  readonly places: Places;
  readonly claims: KeyClaims;
  readonly ends: JournalEnds;
  /** Prefix of the names of all objects. */
  readonly data: string;
  readonly keepChangesMs: number;
  readonly abandonedUploadMs: number;
  readonly sweepMs: number;
  readonly log: (line: string) => void;
}

/** Rounds between two looks at what is old by days. */
const RARELY = 20;
const PAGE = 1000;

/** Goes on until the signal; never rejects. */
export async function keepSweeping(options: BucketSweepOptions, signal: AbortSignal): Promise<void> {
  const { world, claims, sweepMs, log } = options;
  let round = 0;
  const sweep = async () => {
    try {
      const isRare = round++ % RARELY === 0;
      await claims.sweep();
      if (!isRare) return;
      await abortUploads(options, signal);
      await trimJournal(options, signal);
    } catch (error) {
      // That nobody answers is told by the link.
      if (!signal.aborted && !(error instanceof TenfoldError && error.retryable)) log(`Sweeping: ${textOf(error)}`);
    }
  };
  await every(sweepMs, sweep, { world, signal });
}

/**
 * Some servers list only those of one object at a time; a rule of the bucket
 * is the net under this one.
 */
async function abortUploads({ clock, link, data, abandonedUploadMs }: BucketSweepOptions, signal: AbortSignal) {
  const before = (await clock.now()) - abandonedUploadMs;
  const input = { Bucket: link.bucket, Prefix: data, MaxUploads: PAGE };
  const { Uploads = [] } = await link.call((s3, options) => s3.listMultipartUploads(input, options));
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (signal.aborted) return;
    if (Initiated === undefined || Initiated.getTime() > before) continue;
    const upload = { Bucket: link.bucket, Key, UploadId };
    try {
      const parts = await link.call((s3, options) => s3.listParts(upload, options));
      const newest = Math.max(0, ...(parts.Parts ?? []).map(({ LastModified }) => LastModified?.getTime() ?? 0));
      if (newest <= before) await link.call((s3, options) => s3.abortMultipartUpload(upload, options));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

/**
 * Oldest first, one after the other, so that there is never a gap; the last one stays, as what
 * comes next is counted from it.
 */
async function trimJournal({ clock, link, places, ends, keepChangesMs }: BucketSweepOptions, signal: AbortSignal) {
  const before = (await clock.now()) - keepChangesMs;
  const tail = await ends.freshTail();
  for (;;) {
    const input = { Bucket: link.bucket, Prefix: places.journal, MaxKeys: PAGE };
    const { Contents = [] } = await link.call((s3, options) => s3.listObjectsV2(input, options));
    for (const { Key = '', LastModified } of Contents) {
      if (signal.aborted || places.numberOf(Key) >= tail || (LastModified?.getTime() ?? before) >= before) return;
      await link.call((s3, options) => s3.deleteObject({ Bucket: link.bucket, Key }, options));
    }
    if (Contents.length < PAGE) return;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
