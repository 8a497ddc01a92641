// Ten million clicks in an archive, written as its owner writes them:
// files, and rows that note them.
import type { Storage } from '../../../server/storage/open-storage.ts';
import { type ArchiveRow, toArchiveRow } from '../../../worker/archive/archive-event.ts';
import { encodeParquet } from '../../../worker/archive/encode-parquet.ts';
import {
  ARCHIVE_CONSUMER,
  type ArchiveLayout,
  archiveScopeOf,
  fileKeyOf,
  folderOf,
} from '../../../worker/archive/layout.ts';
import { noteFile } from '../../../worker/archive/manifest.ts';

const START = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;
const GROUP = 8192;
/** Events of one file: about 64 MiB. */
const FILE = 262_144;
const PAGES = 1_000;
const USERS = 100_000;

export interface Filled {
  readonly files: number;
  readonly bytes: number;
  /** Spent on making and writing files. */
  readonly ms: number;
}

/** `events` over ten days. */
export async function fill({ store, blobs }: Storage, layout: ArchiveLayout, events: number): Promise<Filled> {
  const scope = archiveScopeOf(layout, 0);
  const everyMs = (10 * DAY_MS) / events;
  let position: number | undefined;
  let files = 0;
  let bytes = 0;
  let ms = 0;
  for (let from = 0; from < events; ) {
    const day = Math.floor((from * everyMs) / DAY_MS);
    const to = Math.min(events, from + FILE, Math.ceil(((day + 1) * DAY_MS) / everyMs));
    const folder = folderOf(START + from * everyMs, layout.partitionBy);
    const key = fileKeyOf(layout, folder, 0, from, to);
    const began = performance.now();
    const { blob } = await blobs.put(key, encodeParquet(groups(from, to, everyMs), layout.compression));
    ms += performance.now() - began;
    if (blob === undefined) throw new Error('not written');
    const file = { key, etag: blob.etag, folder, from, to, bytes: blob.size, at: Date.now() };
    await store.apply(scope, [noteFile(file)], { consumer: ARCHIVE_CONSUMER, partition: 0, after: position, upTo: to });
    position = to;
    from = to;
    files++;
    bytes += blob.size;
  }
  return { files, bytes, ms };
}

async function* groups(from: number, to: number, everyMs: number): AsyncGenerator<ArchiveRow[]> {
  for (let at = from; at < to; at += GROUP) {
    yield Array.from({ length: Math.min(GROUP, to - at) }, (_, index) => rowOf(at + index, everyMs));
  }
}

function rowOf(number: number, everyMs: number): ArchiveRow {
  const timeMs = START + Math.floor(number * everyMs);
  const page = `/page/${(number * 2_654_435_761) % PAGES}`;
  const user = `u${(number * 40_503) % USERS}`;
  const json = `{"page":"${page}","user":"${user}","ms":${number % 997},"referrer":"https://example.com/${number % 31}"}`;
  const event = {
    specversion: '1.0',
    id: `0199aa00-${number.toString(16).padStart(12, '0')}`,
    source: '/shop/web',
    type: number % 20 === 0 ? 'ItemBought' : 'PageViewed',
    datacontenttype: 'application/json',
    data: json,
  } as const;
  return toArchiveRow(
    { event, timeMs, key: user, json },
    { partition: 0, offset: number, index: 0, appendedMs: timeMs + 20 },
  );
}
