// The requests that the folder blob store sends to its tables.
import type { World } from '../../../core/world.ts';
import type { DatabaseClient } from '../../sqlite/database.ts';
import { afterText } from '../after-text.ts';
import type { BlobChange, BlobChanges, BlobPage, BlobSummary, PutBlob } from '../blob-store.ts';
import { BLOB_READ, BLOB_WRITE, type Entry, packBlobEntry, unpackMaybeEntry } from './wire.ts';

/** `replaced`: stamp of the file that is to be removed. */
export type Committed =
  | { readonly written: true; readonly replaced: string | undefined }
  | { readonly written: false; readonly there: Entry | undefined };

export type Requests = ReturnType<typeof createRequests>;

export function createRequests(client: DatabaseClient, world: World, keepChangesMs: number) {
  return {
    commit: (entry: Entry, when: PutBlob['when']) =>
      client.write<Committed>(
        1024 + entry.checks.byteLength,
        out => {
          out.u8(BLOB_WRITE.commit);
          out.f64(world.now());
          out.f64(world.now() - keepChangesMs);
          out.u8(when === undefined ? 0 : when === 'absent' ? 1 : 2);
          if (typeof when === 'object') out.text(when.etag);
          packBlobEntry(out, entry);
        },
        reply =>
          reply.u8() === 1
            ? { written: true, replaced: reply.textOrNull() ?? undefined }
            : { written: false, there: unpackMaybeEntry(reply) },
      ),
    /** The stamp of the file that is to be removed; undefined: there was none. */
    delete: (key: string) =>
      client.write(
        1024,
        out => {
          out.u8(BLOB_WRITE.delete);
          out.f64(world.now());
          out.f64(world.now() - keepChangesMs);
          out.text(key);
        },
        reply => reply.textOrNull() ?? undefined,
      ),
    cleaned: (stamps: readonly string[]) =>
      client.write(
        stamps.length * 64,
        out => {
          out.u8(BLOB_WRITE.cleaned);
          out.u32(stamps.length);
          for (const stamp of stamps) out.text(stamp);
        },
        () => {},
      ),
    get: (key: string) =>
      client.read(out => {
        out.u8(BLOB_READ.get);
        out.text(key);
      }, unpackMaybeEntry),
    /** Under which key a file is in force. */
    keyOf: (stamp: string) =>
      client.read(
        out => {
          out.u8(BLOB_READ.keyOf);
          out.text(stamp);
        },
        reply => reply.textOrNull() ?? undefined,
      ),
    garbage: (limit: number) =>
      client.read(
        out => {
          out.u8(BLOB_READ.garbage);
          out.u32(limit);
        },
        reply => Array.from({ length: reply.u32() }, () => ({ stamp: reply.text(), key: reply.text() })),
      ),
    list: (prefix: string, after: string, limit: number): Promise<BlobPage> =>
      client.read(
        out => {
          out.u8(BLOB_READ.list);
          out.sized(beginOf(prefix, after));
          out.sized(afterText(prefix));
          out.u32(limit + 1);
        },
        reply => {
          const found = Array.from(
            { length: reply.u32() },
            (): BlobSummary => ({ key: reply.text(), size: reply.f64(), etag: reply.text(), modified: reply.f64() }),
          );
          const blobs = found.slice(0, limit);
          return { blobs, next: found.length > limit ? blobs.at(-1)?.key : undefined };
        },
      ),
    latest: () =>
      client.read(
        out => out.u8(BLOB_READ.latest),
        reply => reply.f64(),
      ),
    changes: (after: number | undefined, limit: number): Promise<BlobChanges> =>
      client.read(
        out => {
          out.u8(BLOB_READ.changes);
          out.f64(after ?? Number.NaN);
          out.u32(limit);
        },
        reply => {
          const next = String(reply.f64());
          const changes = Array.from({ length: reply.u32() }, (): BlobChange => {
            const at = reply.f64();
            const key = reply.text();
            const etag = reply.textOrNull() ?? undefined;
            const size = reply.f64();
            return {
              kind: etag === undefined ? 'deleted' : 'written',
              key,
              etag,
              size: etag === undefined ? undefined : size,
              at,
            };
          });
          return { changes, next };
        },
      ),
  };
}

/** The first key that may follow `after`. */
function beginOf(prefix: string, after: string): Buffer {
  const [first, next] = [Buffer.from(prefix), Buffer.from(`${after}\0`)];
  return after !== '' && Buffer.compare(next, first) > 0 ? next : first;
}
