// BlobStore over any S3 API, shared by all processes that open the same bucket and prefix.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { createServedClock } from '../../served-clock.ts';
import { assertBlobPage } from '../assert-blob.ts';
import type { BlobChanges, BlobStore, NotifiedBlobStore } from '../blob-store.ts';
import { type ChangeNotifier, createChangeNotifier } from '../change-notifier.ts';
import { BucketParts } from './bucket-parts.ts';
import { type Journal, SegmentedJournal } from './journal/journal.ts';
import { openS3Link, type S3Connection, type S3Link } from './link.ts';
import { createPlaces, type KeyStyle } from './object-names.ts';
import { isMissing } from './s3-error.ts';

export interface S3BlobStoreOptions {
  readonly world: World;
  readonly connection: S3Connection;
  /**
   * Prefix of all names in the bucket, so that several installations share it; empty when left out.
   * It ends with a slash.
   */
  readonly prefix?: string | undefined;
  /**
   * Changes of keys that begin with one of these are told in the journal, which takes three
   * requests more; default: all.
   */
  readonly tellChangesOf?: readonly string[] | undefined;
  /**
   * How keys are called in a new bucket; left out: as they are where the server can, else escaped.
   */
  readonly keys?: KeyStyle | undefined;
  /** One line for each change of state. */
  readonly log?: ((line: string) => void) | undefined;
  readonly requestTimeoutMs?: number | undefined;
  /** Bytes of bodies on their way to the server. Default 256 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /** Bytes of the first parts of long objects, 5 MiB at least. Default 8 MiB. */
  readonly partBytes?: number | undefined;
  /** How long changes are kept, milliseconds. Default 7 days. */
  readonly keepChangesMs?: number | undefined;
  /**
   * After which time an upload without a new part has nobody any more,
   * milliseconds. Default one day.
   */
  readonly abandonedUploadMs?: number | undefined;
  /** How often is looked for what others have left, milliseconds. */
  readonly sweepMs?: number | undefined;
}

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
/** How often somebody who waits for a change looks for those of other processes. */
const POLL_MS = 1000;

/**
 * Fails with `storage-unusable` when the bucket is not there, not open to us or not fit; that
 * nobody answers is told by the calls.
 */
export async function openS3BlobStore(options: S3BlobStoreOptions): Promise<NotifiedBlobStore> {
  const { world, connection, prefix = '', tellChangesOf, log = () => {}, requestTimeoutMs = 20_000 } = options;
  if (!/^([^/\0-\u001f]+\/)*$/.test(prefix))
    throw new TenfoldError('invalid-input', `The prefix '${prefix}' must be empty or end with a slash.`);
  const link = await openS3Link({ world, connection, requestTimeoutMs, log });
  const places = createPlaces(prefix);
  const notifier = createChangeNotifier(world);
  const look = () => link.call((s3, request) => s3.headObject({ Bucket: link.bucket, Key: places.marker }, request));
  const clock = createServedClock(world, async () => {
    await look();
    return link.answeredAt ?? world.now();
  });
  const journal = new SegmentedJournal({ world, link, places, onAppended: notifier.notify });
  const bucket = new BucketParts({
    world,
    link,
    places,
    prefix,
    keys: options.keys,
    clock,
    journal,
    maxBufferedBytes: options.maxBufferedBytes ?? 256 * MIB,
    partBytes: options.partBytes ?? 8 * MIB,
    told: key => tellChangesOf === undefined || tellChangesOf.some(start => key.startsWith(start)),
    keepChangesMs: options.keepChangesMs ?? 7 * DAY_MS,
    abandonedUploadMs: options.abandonedUploadMs ?? DAY_MS,
    sweepMs: options.sweepMs ?? 30_000,
    log,
  });
  await openAtOnce(bucket, link);
  const sources = { world, journal, notifier, bucket };

  return {
    async now() {
      await bucket.open();
      return await clock.now();
    },
    put: async (key, body, settings = {}) => await (await bucket.open()).writes.put(key, body, settings),
    delete: async key => await (await bucket.open()).writes.delete(key),
    head: async key => await (await bucket.open()).reads.info(key),
    get: async (key, range) => await (await bucket.open()).reads.get(key, range),
    list: async (start, page) => await (await bucket.open()).reads.list(start, page),
    receiveNotification: async message => await (await bucket.open()).direct.receiveNotification(message),
    async latestChange() {
      await bucket.open();
      return await journal.latest();
    },
    changes: (after, request) => changesAfter(sources, after, request),
    async health() {
      try {
        await bucket.open();
        await look();
        return { ok: true };
      } catch (error) {
        const reason = isMissing(error) ? `The object '${places.marker}' is gone from ${link.where}.` : undefined;
        return { ok: false, reason: reason ?? (error instanceof Error ? error.message : String(error)) };
      }
    },
    async close() {
      if (bucket.isClosing) return;
      bucket.startClosing();
      notifier.close();
      await bucket.settled();
      link.close();
      await bucket.sweepEnded();
    },
  };
}

/** That nobody answers yet is told by the calls; all else is wrong from the start. */
async function openAtOnce(bucket: BucketParts, link: S3Link): Promise<void> {
  try {
    await bucket.open();
  } catch (error) {
    if (error instanceof TenfoldError && error.retryable) return;
    link.close();
    throw error;
  }
}

interface ChangeSources {
  readonly world: World;
  readonly journal: Journal;
  readonly notifier: ChangeNotifier;
  readonly bucket: BucketParts;
}

async function changesAfter(
  { world, journal, notifier, bucket }: ChangeSources,
  after: string | undefined,
  { limit, waitMs = 0, signal }: Parameters<BlobStore['changes']>[1],
): Promise<BlobChanges> {
  assertBlobPage(limit);
  signal?.throwIfAborted();
  await bucket.open();
  const until = world.monotonic() + waitMs;
  for (let from = after; ; ) {
    const changed = notifier.next();
    const found = await journal.read(from, limit);
    const leftMs = until - world.monotonic();
    if (found.changes.length > 0 || leftMs <= 0 || bucket.isClosing) return found;
    from = found.next;
    await changed.within(Math.min(leftMs, POLL_MS), signal);
  }
}
