// The tables of the folder blob store: what stands in which file, what changed,
// and which files are to go.

/**
 * `stamp` makes the name of a file differ from all others, so that new content never overwrites an
 * old file. `checks`: a CRC-32 per piece of the content (content.ts).
 */
const FIRST = `
CREATE TABLE blob_object (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  stamp TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified REAL NOT NULL,
  type TEXT NOT NULL,
  metadata TEXT NOT NULL,
  checks BLOB NOT NULL,
  crc INTEGER NOT NULL
) STRICT;

CREATE TABLE blob_change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,
  key TEXT NOT NULL,
  etag TEXT,              -- null: deleted
  size INTEGER,
  crc INTEGER NOT NULL
) STRICT;

CREATE TABLE blob_garbage (
  stamp TEXT PRIMARY KEY,
  key TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const blobMigrations: readonly string[] = [FIRST];
