// BlobStore over any S3 API, shared by all processes that open the same bucket and prefix.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { createServedClock } from '../../served-clock.ts';
import { assertBlobPage } from '../assert-blob.ts';
import type { NotifiedBlobStore } from '../blob-store.ts';
import { createChangeNotifier } from '../change-notifier.ts';
import { createBufferBudget } from './buffer-budget.ts';
import { claimBucket } from './claim-bucket.ts';
import { createClaims } from './claims.ts';
import { createDirectWrites, type DirectWrites } from './direct-writes.ts';
import { createJournal } from './journal.ts';
import { openS3Link, type S3Connection } from './link.ts';
import { createObjectNames, createPlaces, type KeyStyle } from './object-names.ts';
import { createReads, type Reads } from './reads.ts';
import { isMissing, toBlobError } from './s3-error.ts';
import { keepSweeping } from './sweeper.ts';
import { createWrites, type Writes } from './writes.ts';

export interface S3BlobStoreOptions {
  readonly world: World;
  readonly connection: S3Connection;
  /**
   * Prefix of all names in the bucket, so that several installations share it; empty when left out.
   * It ends with a slash.
   */
  readonly prefix?: string | undefined;
  /** Changes of keys that begin with one of these are told in the journal, which takes three requests more; default: all. */
  readonly tellChangesOf?: readonly string[] | undefined;
  /** How keys are called in a new bucket; left out: as they are where the server can, else escaped. */
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
  /** After which time an upload without a new part has nobody any more, milliseconds. Default one day. */
  readonly abandonedUploadMs?: number | undefined;
  /** How often is looked for what others have left, milliseconds. */
  readonly sweepMs?: number | undefined;
}

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
/** How often somebody who waits for a change looks for those of other processes. */
const POLL_MS = 1000;

interface Parts {
  readonly reads: Reads;
  readonly writes: Writes;
  readonly direct: DirectWrites;
}

/** Fails with `storage-unusable` when the bucket is not there, not open to us or not fit; that nobody answers is told by the calls. */
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
  const journal = createJournal({ world, link, places, onAppended: notifier.notify });
  const budget = createBufferBudget(world, options.maxBufferedBytes ?? 256 * MIB, requestTimeoutMs);
  const closing = new AbortController();
  let running: Promise<Parts> | undefined;
  let sweeping: Promise<void> | undefined;
  let writes: Writes | undefined;

  async function begin(): Promise<Parts> {
    const names = createObjectNames(prefix, await claimBucket({ world, link, places, keys: options.keys }));
    const reads = createReads({ world, link, names });
    const claims = createClaims({ world, link, places, journal, head: reads.head });
    const told = (key: string) => tellChangesOf === undefined || tellChangesOf.some(start => key.startsWith(start));
    writes = createWrites({ world, link, names, reads, claims, budget, told, partBytes: options.partBytes ?? 8 * MIB });
    sweeping ??= keepSweeping(
      {
        world,
        clock,
        link,
        places,
        claims,
        ends: journal.ends,
        data: names.data,
        keepChangesMs: options.keepChangesMs ?? 7 * DAY_MS,
        abandonedUploadMs: options.abandonedUploadMs ?? DAY_MS,
        sweepMs: options.sweepMs ?? 30_000,
        log,
      },
      closing.signal,
    );
    const direct = createDirectWrites({ world, link, places, names, reads, claims, told });
    return { reads, writes, direct };
  }

  /** Asked anew until the bucket has answered once. */
  function parts(): Promise<Parts> {
    running ??= begin().catch(error => {
      running = undefined;
      throw toBlobError(error, link.where);
    });
    return running;
  }

  try {
    await parts();
  } catch (error) {
    if (!(error instanceof TenfoldError && error.retryable)) {
      link.close();
      throw error;
    }
  }

  return {
    async now() {
      await parts();
      return await clock.now();
    },
    put: async (key, body, settings = {}) => await (await parts()).writes.put(key, body, settings),
    delete: async key => await (await parts()).writes.delete(key),
    head: async key => await (await parts()).reads.info(key),
    get: async (key, range) => await (await parts()).reads.get(key, range),
    list: async (start, page) => await (await parts()).reads.list(start, page),
    receiveNotification: async message => await (await parts()).direct.receiveNotification(message),
    async latestChange() {
      await parts();
      return await journal.latest();
    },
    async changes(after, { limit, waitMs = 0, signal }) {
      assertBlobPage(limit);
      signal?.throwIfAborted();
      await parts();
      const until = world.monotonic() + waitMs;
      for (let from = after; ; ) {
        const changed = notifier.next();
        const found = await journal.read(from, limit);
        const leftMs = until - world.monotonic();
        if (found.changes.length > 0 || leftMs <= 0 || closing.signal.aborted) return found;
        from = found.next;
        await changed.within(Math.min(leftMs, POLL_MS), signal);
      }
    },
    async health() {
      try {
        await parts();
        await look();
        return { ok: true };
      } catch (error) {
        const reason = isMissing(error) ? `The object '${places.marker}' is gone from ${link.where}.` : undefined;
        return { ok: false, reason: reason ?? (error instanceof Error ? error.message : String(error)) };
      }
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(new Error('The blob store is closed.'));
      notifier.close();
      await writes?.settled();
      link.close();
      await sweeping;
    },
  };
}
