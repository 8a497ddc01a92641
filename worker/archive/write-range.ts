// Makes the files of a decided range from the log. They are the same whichever owner makes them,
// and however often.
import type { BlobInfo, BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { ArchiveRow } from './archive-event.ts';
import { encodeJsonl } from './encode-jsonl.ts';
import { type ArchiveCompression, type ArchiveLayout, folderOfRow } from './layout.ts';
import type { ArchiveFile } from './manifest.ts';
import type { Range } from './range.ts';

export interface WriteRange {
  readonly blobs: BlobStore;
  readonly layout: ArchiveLayout;
  readonly range: Range;
  /** All `wanted` events of the range; called once for each file. */
  read(wanted: (row: ArchiveRow) => boolean): AsyncIterable<readonly ArchiveRow[]>;
  readonly signal: AbortSignal;
}

export async function writeRange({ blobs, layout, range, read, signal }: WriteRange): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for (const { folder, key } of range.files) {
    signal.throwIfAborted();
    // The file was made before its process died.
    const there = await blobs.head(key);
    signal.throwIfAborted();
    const wanted = (row: ArchiveRow) => folderOfRow(row, layout.partitionBy) === folder;
    const blob = there ?? (await put(blobs, layout, key, read(wanted), signal));
    files.push({
      key,
      folder,
      etag: blob.etag,
      bytes: blob.size,
      from: range.from,
      to: range.to,
      at: await blobs.now(),
    });
  }
  return files;
}

async function put(
  blobs: BlobStore,
  layout: ArchiveLayout,
  key: string,
  groups: AsyncIterable<readonly ArchiveRow[]>,
  signal: AbortSignal,
): Promise<BlobInfo> {
  const { body, contentType } = await encodeFile(layout, groups);
  const outcome = await blobs.put(key, body, { contentType, when: 'absent', signal });
  if (outcome.written) return outcome.blob;
  if (outcome.blob) return outcome.blob;
  throw new Error(`The file ${key} was there and is gone.`);
}

/** The same rows make the same bytes. */
export async function encodeFile(
  { format, compression }: Pick<ArchiveLayout, 'format' | 'compression'>,
  groups: AsyncIterable<readonly ArchiveRow[]>,
): Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly contentType: string }> {
  if (format === 'jsonl') return { body: encodeJsonl(groups, compression), contentType: 'application/x-ndjson' };
  return { body: await parquetOf(groups, compression), contentType: 'application/vnd.apache.parquet' };
}

/** The Parquet writer is loaded only when it is needed, which takes some 30 ms. */
async function parquetOf(groups: AsyncIterable<readonly ArchiveRow[]>, compression: ArchiveCompression) {
  const { encodeParquet } = await import('./encode-parquet.ts');
  return encodeParquet(groups, compression);
}
