// The folder blob store's part in the database: which file is an object's content, changed in one
// step with the journal of changes.
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import { maybeNumberColumn, maybeTextColumn, numberColumn, textColumn } from '../../sqlite/columns.ts';
import type { ModuleReader, ModuleWriter, SqliteModule } from '../../sqlite/module.ts';
import { copyContents } from './copy-contents.ts';
import { changeChecksum, entryChecksum, openEntryFinder } from './entries.ts';
import { examineBlobs } from './examine-blobs.ts';
import { blobMigrations } from './schema.ts';
import { BLOB_READ, BLOB_WRITE, packMaybeEntry, unpackBlobEntry } from './wire.ts';

/** Old changes that one write removes at most. */
const TRIM = 16;

export const blobModule: SqliteModule = {
  name: 'blob',
  migrations: blobMigrations,
  smallTables: [],
  openWriter: ({ db }) => openWriter(db),
  openReader: ({ db }) => openReader(db),
  doctor: { examine: examineBlobs },
  copyBeside: copyContents,
};

function openWriter(db: DatabaseSync): ModuleWriter {
  const find = openEntryFinder(db);
  const stampOf = db.prepare('SELECT stamp FROM blob_object WHERE key = ?');
  const put = db.prepare(
    `INSERT INTO blob_object (key, stamp, size, etag, modified, type, metadata, checks, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET stamp = excluded.stamp, size = excluded.size, etag = excluded.etag, modified = excluded.modified,
       type = excluded.type, metadata = excluded.metadata, checks = excluded.checks, crc = excluded.crc`,
  );
  const remove = db.prepare('DELETE FROM blob_object WHERE key = ?');
  const change = db.prepare('INSERT INTO blob_change (at, key, etag, size, crc) VALUES (?, ?, ?, ?, ?)');
  const trim = db.prepare(
    'DELETE FROM blob_change WHERE seq IN (SELECT seq FROM blob_change WHERE at < ? ORDER BY seq LIMIT ? + 0)',
  );
  const discard = db.prepare('INSERT OR IGNORE INTO blob_garbage VALUES (?, ?)');
  const cleaned = db.prepare('DELETE FROM blob_garbage WHERE stamp = ?');

  /** The stamp of the file that is to go. */
  const replace = (key: string) => {
    const row = stampOf.get(key);
    const stamp = row && textColumn(row, 'stamp');
    if (stamp !== undefined) discard.run(stamp, key);
    return stamp;
  };
  return {
    write(request, reply) {
      const operation = request.u8();
      if (operation === BLOB_WRITE.cleaned) {
        for (let count = request.u32(); count > 0; count--) cleaned.run(request.text());
        return;
      }
      const at = request.f64();
      trim.run(request.f64(), TRIM);
      if (operation === BLOB_WRITE.delete) {
        const key = request.text();
        const stamp = replace(key);
        if (stamp !== undefined) {
          remove.run(key);
          change.run(at, key, null, null, changeChecksum(at, key, null, null));
        }
        reply.text(stamp ?? null);
        return;
      }
      const when = unpackCondition(request);
      const entry = unpackBlobEntry(request);
      if (when !== 'always') {
        const there = find(entry.key);
        const fits = when === 'absent' ? there === undefined : there?.etag === when.etag;
        reply.u8(fits ? 1 : 0);
        if (!fits) {
          packMaybeEntry(reply, there);
          return;
        }
      } else {
        reply.u8(1);
      }
      reply.text(replace(entry.key) ?? null);
      const { key, stamp, size, etag, modified, contentType, metadata, checks } = entry;
      put.run(key, stamp, size, etag, modified, contentType, metadata, checks, entryChecksum(entry));
      change.run(at, key, etag, size, changeChecksum(at, key, etag, size));
    },
    rolledBack() {},
  };
}

function unpackCondition(request: ByteReader): 'always' | 'absent' | { readonly etag: string } {
  const kind = request.u8();
  if (kind === 0) return 'always';
  return kind === 1 ? 'absent' : { etag: request.text() };
}

function openReader(db: DatabaseSync): ModuleReader {
  const find = openEntryFinder(db);
  const readChanges = openChangeReader(db);
  const list = db.prepare(
    'SELECT key, size, etag, modified FROM blob_object WHERE key >= CAST(? AS TEXT) AND key < CAST(? AS TEXT) ORDER BY key LIMIT ? + 0',
  );
  const keyOf = db.prepare('SELECT key FROM blob_object WHERE stamp = ?');
  const garbage = db.prepare('SELECT stamp, key FROM blob_garbage LIMIT ? + 0');
  return {
    read(request, reply) {
      const operation = request.u8();
      switch (operation) {
        case BLOB_READ.get:
          packMaybeEntry(reply, find(request.text()));
          return;
        case BLOB_READ.list: {
          const rows = list.all(request.sized(), request.sized(), request.u32());
          reply.u32(rows.length);
          for (const row of rows) {
            reply.text(textColumn(row, 'key'));
            reply.f64(numberColumn(row, 'size'));
            reply.text(textColumn(row, 'etag'));
            reply.f64(numberColumn(row, 'modified'));
          }
          return;
        }
        case BLOB_READ.keyOf:
          reply.text(maybeTextColumn(keyOf.get(request.text()) ?? { key: null }, 'key') ?? null);
          return;
        case BLOB_READ.garbage: {
          const rows = garbage.all(request.u32());
          reply.u32(rows.length);
          for (const row of rows) {
            reply.text(textColumn(row, 'stamp'));
            reply.text(textColumn(row, 'key'));
          }
          return;
        }
        default:
          readChanges(operation, request, reply);
      }
    },
  };
}

function openChangeReader(db: DatabaseSync) {
  const oldest = db.prepare('SELECT min(seq) AS seq FROM blob_change');
  // Outlives the rows that it was counted for.
  const latest = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'blob_change'");
  const since = db.prepare(
    'SELECT seq, at, key, etag, size, crc FROM blob_change WHERE seq > ? ORDER BY seq LIMIT ? + 0',
  );
  return (operation: number, request: ByteReader, reply: ByteWriter) => {
    const last = maybeNumberColumn(latest.get() ?? { seq: 0 }, 'seq') ?? 0;
    if (operation === BLOB_READ.latest) {
      reply.f64(last);
      return;
    }
    const first = maybeNumberColumn(oldest.get() ?? { seq: null }, 'seq') ?? last + 1;
    const asked = request.f64();
    const after = Number.isNaN(asked) ? first - 1 : asked;
    if (after + 1 < first || after > last)
      throw new TenfoldError(
        'gone',
        'Changes behind this cursor are kept no more. List the objects and go on from a new cursor.',
      );
    const rows = since.all(after, request.u32());
    const final = rows.at(-1);
    reply.f64(final ? numberColumn(final, 'seq') : after);
    reply.u32(rows.length);
    for (const row of rows) {
      const at = numberColumn(row, 'at');
      const key = textColumn(row, 'key');
      const etag = maybeTextColumn(row, 'etag') ?? null;
      const size = maybeNumberColumn(row, 'size') ?? null;
      if (changeChecksum(at, key, etag, size) !== numberColumn(row, 'crc'))
        throw new TenfoldError(
          'data-corrupt',
          `Change ${numberColumn(row, 'seq')} in the journal of the objects is damaged. List the objects and go on from a new cursor.`,
        );
      reply.f64(at);
      reply.text(key);
      reply.text(etag);
      reply.f64(size ?? 0);
    }
  };
}
