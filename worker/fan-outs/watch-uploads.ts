// Begins a job for each uploaded object. It follows the journal of the blob store from a stored
// place, and lists the objects where the journal has gone on without it.

import { TenfoldError } from '../../core/errors.ts';
import { FAN_OUT_PARTITIONS } from '../../core/fan-outs/layout.ts';
import { isUpload, ownerOfUpload, toUploadStart, type Upload, type UploadRule } from '../../core/fan-outs/upload.ts';
import { objectKeyOf, objectNameOf } from '../../core/object-key.ts';
import { every } from '../../core/retry/every.ts';
import { assertFirstVersion } from '../../core/stored-version.ts';
import type { BlobInfo, BlobStore } from '../../drivers/blob-store/blob-store.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { FanOutSite } from './fan-out-settings.ts';

export interface WatchOptions {
  readonly site: FanOutSite;
  readonly blobs: Pick<BlobStore, 'now' | 'changes' | 'latestChange' | 'list' | 'head'>;
  readonly rule: UploadRule;
  /**
   * Whether it is this process's turn to look. Several may look at once, and begin the same jobs.
   */
  isOwned(): boolean;
  trouble(error: unknown): void;
}

export interface UploadWatch {
  close(): Promise<void>;
}

/**
 * The place to go on from, and the time up to which everything has been looked at, in milliseconds
 * since 1970.
 */
interface Place {
  readonly cursor: string;
  readonly at: number;
}

const KEY = 'uploads';
const TTL_MS = 365 * 86_400_000;
const PAGE = 200;
const WAIT_MS = 5_000;
const IDLE_MS = 1_000;
/** How much clocks of uploading processes may differ from ours. */
const MARGIN_MS = 60_000;

export function watchUploads(options: WatchOptions): UploadWatch {
  const { site, isOwned, trouble } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const look = async () => {
    try {
      if (isOwned()) await follow(options, signal);
    } catch (error) {
      if (!signal.aborted) trouble(error);
    }
  };
  const running = look().then(() => every(IDLE_MS, look, { world: site.world, signal }));
  return {
    async close() {
      closing.abort(new Error('The watch is closed.'));
      await running;
    },
  };
}

async function follow(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { site, blobs, rule, isOwned } = options;
  const { namespace } = site.settings;
  let place = await begin(options);
  while (isOwned() && !signal.aborted) {
    const now = await blobs.now();
    const found = await blobs.changes(place.cursor, { limit: PAGE, waitMs: WAIT_MS, signal }).catch(error => {
      if (error instanceof TenfoldError && error.code === 'gone') return undefined;
      throw error;
    });
    if (found === undefined) {
      place = await catchUp(options, place);
      continue;
    }
    for (const { kind, key, etag, size, at } of found.changes) {
      const name = objectNameOf(namespace, key);
      if (kind !== 'written' || name === undefined || etag === undefined || !isUpload(rule, name)) continue;
      await start(site, { name, etag, size: size ?? 0, modified: at }, await blobs.head(key));
    }
    if (found.next === place.cursor) continue;
    place = { cursor: found.next, at: now };
    await save(site, place);
  }
}

/** Objects that were there before the FanOut begin no jobs. */
async function begin({ site, blobs }: WatchOptions): Promise<Place> {
  const { store, settings } = site;
  const entry = await store.get(settings.layout.splitScope, KEY);
  if (entry) {
    const place: Place = JSON.parse(Buffer.from(entry.value).toString());
    assertFirstVersion('how far uploads are followed', place);
    return place;
  }
  const place = { cursor: await blobs.latestChange(), at: await blobs.now() };
  await save(site, place);
  return place;
}

async function save({ store, settings }: FanOutSite, place: Place): Promise<void> {
  await store.put(settings.layout.splitScope, KEY, JSON.stringify(place), { ttlMs: TTL_MS });
}

/**
 * The journal is gone. Objects that are newer than the last look begin their jobs; no job begins
 * twice.
 */
async function catchUp({ site, blobs, rule }: WatchOptions, { at }: Place): Promise<Place> {
  const { namespace } = site.settings;
  const place = { cursor: await blobs.latestChange(), at: await blobs.now() };
  for (let after: string | undefined; ; ) {
    const page = await blobs.list(objectKeyOf(namespace, rule.prefix), { limit: PAGE, after });
    for (const { key, etag, size, modified } of page.blobs) {
      const name = objectNameOf(namespace, key);
      if (name === undefined || modified < at - MARGIN_MS || !isUpload(rule, name)) continue;
      await start(site, { name, etag, size, modified }, await blobs.head(key));
    }
    after = page.next;
    if (after === undefined) break;
  }
  await save(site, place);
  return place;
}

/** `info`: the object that is there now, which may be another one by then. */
async function start(
  { log, settings }: FanOutSite,
  found: Omit<Upload, 'contentType'>,
  info: BlobInfo | undefined,
): Promise<void> {
  const { starters, facts } = settings.layout;
  const same = info?.etag === found.etag ? info : undefined;
  const upload = {
    ...found,
    // The time as the upload endpoint has it; the journal has a time of its own.
    modified: same?.modified ?? found.modified,
    contentType: same?.contentType ?? 'application/octet-stream',
  };
  const begun = toUploadStart(starters, upload, ownerOfUpload(same?.metadata ?? {}));
  await log.append(facts, [begun.factIn(partitionOf(begun.nonce, FAN_OUT_PARTITIONS))]);
}
