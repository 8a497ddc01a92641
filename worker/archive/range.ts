// A decided range of a partition. A record in the blob store decides it once and for all: the first
// record that is put there holds.
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import { type BlobStore, MAX_BLOB_PAGE } from '../../drivers/blob-store/blob-store.ts';
import { type ArchiveLayout, padded, rangeKeyOf, rangePrefixOf } from './layout.ts';

const rangeFile = z.strictObject({ folder: z.string(), key: z.string() });
const rangeRecord = z.strictObject({
  from: z.int().min(0),
  /** Exclusive. */
  to: z.int().min(1),
  definition: z.string(),
  files: z.array(rangeFile).min(1),
});

/** `from`: offset of its first event that is kept. */
export type Range = z.output<typeof rangeRecord>;

const CONTENT_TYPE = 'application/json';
const MAX_BYTES = 1024 * 1024;

/** Whether this range holds; otherwise another was there before. */
export async function decideRange(
  blobs: BlobStore,
  layout: ArchiveLayout,
  partition: number,
  range: Range,
): Promise<boolean> {
  const key = rangeKeyOf(layout, partition, range.from);
  const text = JSON.stringify(range);
  const { written } = await blobs.put(key, Buffer.from(text), { contentType: CONTENT_TYPE, when: 'absent' });
  if (written) return true;
  // An earlier attempt of ours may have put it there without an answer.
  const existing = await readRange(blobs, key);
  return existing !== undefined && JSON.stringify(existing) === text;
}

/** Ranges that were decided and not finished, as from and to. */
export async function findRanges(
  blobs: BlobStore,
  layout: ArchiveLayout,
  partition: number,
  position: number,
): Promise<Map<number, number>> {
  const prefix = rangePrefixOf(layout, partition);
  const found = new Map<number, number>();
  for (let after: string | undefined = `${prefix}${padded(position)}`; after !== undefined; ) {
    const page = await blobs.list(prefix, { limit: MAX_BLOB_PAGE, after });
    for (const { key } of page.blobs) {
      const range = await readRange(blobs, key);
      // A range that another definition had decided cannot be finished, as its files would have
      // other events.
      if (range?.definition === layout.definition) found.set(range.from, range.to);
    }
    after = page.next;
  }
  return found;
}

export async function readRange(blobs: BlobStore, key: string): Promise<Range | undefined> {
  const blob = await blobs.get(key);
  if (blob === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of blob.body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
    chunks.push(chunk);
  }
  return parseRange(key, Buffer.concat(chunks).toString());
}

function parseRange(key: string, text: string): Range {
  try {
    return rangeRecord.parse(JSON.parse(text));
  } catch (error) {
    const message = `The object '${key}' is no record of a range of an archive. Restore it, or remove it together with the files that it names.`;
    throw new TenfoldError('data-corrupt', message, { cause: error });
  }
}
