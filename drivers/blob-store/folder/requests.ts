// The requests that the folder blob store sends to its tables.
import type { World } from '../../../core/world.ts';
import type { ByteReader } from '../../sqlite/bytes.ts';
import type { DatabaseClient } from '../../sqlite/database.ts';
import { afterText } from '../after-text.ts';
import type { BlobChange, BlobChanges, BlobPage, BlobSummary, PutBlob } from '../blob-store.ts';
import { BLOB_READ, BLOB_WRITE, type Entry, packBlobEntry, unpackMaybeEntry } from './wire.ts';

/** `replaced`: stamp of the file that is to be removed. */
export type Committed =
  | { readonly written: true; readonly replaced: string | undefined }
  | { readonly written: false; readonly there: Entry | undefined };

/** A content that is in force no longer. */
interface GarbageEntry {
  readonly stamp: string;
  readonly key: string;
}

export class FolderRequests {
  readonly #client: DatabaseClient;
  readonly #world: World;
  readonly #keepChangesMs: number;

  constructor(client: DatabaseClient, world: World, keepChangesMs: number) {
    this.#client = client;
    this.#world = world;
    this.#keepChangesMs = keepChangesMs;
  }

  commit(entry: Entry, when: PutBlob['when']): Promise<Committed> {
    return this.#client.write(
      1024 + entry.checks.byteLength,
      out => {
        out.u8(BLOB_WRITE.commit);
        out.f64(this.#world.now());
        out.f64(this.#world.now() - this.#keepChangesMs);
        out.u8(when === undefined ? 0 : when === 'absent' ? 1 : 2);
        if (typeof when === 'object') out.text(when.etag);
        packBlobEntry(out, entry);
      },
      unpackCommitted,
    );
  }

  /** The stamp of the file that is to be removed; undefined: there was none. */
  delete(key: string): Promise<string | undefined> {
    return this.#client.write(
      1024,
      out => {
        out.u8(BLOB_WRITE.delete);
        out.f64(this.#world.now());
        out.f64(this.#world.now() - this.#keepChangesMs);
        out.text(key);
      },
      unpackMaybeText,
    );
  }

  cleaned(stamps: readonly string[]): Promise<void> {
    return this.#client.write(
      stamps.length * 64,
      out => {
        out.u8(BLOB_WRITE.cleaned);
        out.u32(stamps.length);
        for (const stamp of stamps) out.text(stamp);
      },
      () => {},
    );
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#client.read(out => {
      out.u8(BLOB_READ.get);
      out.text(key);
    }, unpackMaybeEntry);
  }

  /** Under which key a file is in force. */
  keyOf(stamp: string): Promise<string | undefined> {
    return this.#client.read(out => {
      out.u8(BLOB_READ.keyOf);
      out.text(stamp);
    }, unpackMaybeText);
  }

  garbage(limit: number): Promise<GarbageEntry[]> {
    return this.#client.read(out => {
      out.u8(BLOB_READ.garbage);
      out.u32(limit);
    }, unpackGarbage);
  }

  list(prefix: string, after: string, limit: number): Promise<BlobPage> {
    return this.#client.read(
      out => {
        out.u8(BLOB_READ.list);
        out.sized(beginOf(prefix, after));
        out.sized(afterText(prefix));
        out.u32(limit + 1);
      },
      reply => unpackPage(reply, limit),
    );
  }

  latest(): Promise<number> {
    return this.#client.read(
      out => out.u8(BLOB_READ.latest),
      reply => reply.f64(),
    );
  }

  changes(after: number | undefined, limit: number): Promise<BlobChanges> {
    return this.#client.read(out => {
      out.u8(BLOB_READ.changes);
      out.f64(after ?? Number.NaN);
      out.u32(limit);
    }, unpackChanges);
  }
}

function unpackCommitted(reply: ByteReader): Committed {
  return reply.u8() === 1
    ? { written: true, replaced: reply.textOrNull() ?? undefined }
    : { written: false, there: unpackMaybeEntry(reply) };
}

function unpackMaybeText(reply: ByteReader): string | undefined {
  return reply.textOrNull() ?? undefined;
}

function unpackGarbage(reply: ByteReader): GarbageEntry[] {
  return Array.from({ length: reply.u32() }, () => ({ stamp: reply.text(), key: reply.text() }));
}

/** Up to one entry more than the page may have is in the reply: then there is a next page. */
function unpackPage(reply: ByteReader, limit: number): BlobPage {
  const found = Array.from(
    { length: reply.u32() },
    (): BlobSummary => ({ key: reply.text(), size: reply.f64(), etag: reply.text(), modified: reply.f64() }),
  );
  const blobs = found.slice(0, limit);
  return { blobs, next: found.length > limit ? blobs.at(-1)?.key : undefined };
}

function unpackChanges(reply: ByteReader): BlobChanges {
  const next = String(reply.f64());
  const changes = Array.from({ length: reply.u32() }, () => unpackChange(reply));
  return { changes, next };
}

function unpackChange(reply: ByteReader): BlobChange {
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
}

/** The first key that may follow `after`. */
function beginOf(prefix: string, after: string): Buffer {
  const [first, next] = [Buffer.from(prefix), Buffer.from(`${after}\0`)];
  return after !== '' && Buffer.compare(next, first) > 0 ? next : first;
}
