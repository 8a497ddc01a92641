// The store's tables; a released script never changes.

/** Times are milliseconds of the store's clock; `expires` null: not by time. */
const FIRST = `
CREATE TABLE store_meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  opens INTEGER NOT NULL, -- makes versions differ between starts
  clock REAL NOT NULL     -- the store's clock does not go back below it
) STRICT;
INSERT INTO store_meta VALUES (1, 0, 0);

-- Keys are the rows of the table with the empty name.
CREATE TABLE store_row (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  tbl TEXT NOT NULL,
  key TEXT NOT NULL,
  version TEXT NOT NULL,
  expires REAL,
  crc INTEGER NOT NULL,
  places BLOB,            -- where store_place has it, to be removed from there
  value BLOB NOT NULL,
  UNIQUE (scope, tbl, key)
) STRICT;
CREATE INDEX store_row_expires ON store_row (expires) WHERE expires IS NOT NULL;

-- place: the sort key of the values and the row's key.
CREATE TABLE store_place (
  scope TEXT NOT NULL,
  tbl TEXT NOT NULL,
  idx TEXT NOT NULL,
  place BLOB NOT NULL,
  row INTEGER NOT NULL,
  PRIMARY KEY (scope, tbl, idx, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE store_ranking (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  expires REAL,
  UNIQUE (scope, name)
) STRICT;
CREATE INDEX store_ranking_expires ON store_ranking (expires) WHERE expires IS NOT NULL;
CREATE TABLE store_ranked (
  ranking INTEGER NOT NULL,
  member TEXT NOT NULL,
  score REAL NOT NULL,
  crc INTEGER NOT NULL,
  value BLOB,
  PRIMARY KEY (ranking, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_ranked_score ON store_ranked (ranking, score DESC, member);

CREATE TABLE store_feed (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  feed TEXT NOT NULL,
  owner TEXT NOT NULL,
  entry TEXT NOT NULL,
  at REAL NOT NULL,
  expires REAL,
  crc INTEGER NOT NULL,
  value BLOB NOT NULL,
  UNIQUE (scope, feed, owner, entry)
) STRICT;
CREATE INDEX store_feed_at ON store_feed (scope, feed, owner, at, entry, expires);
CREATE INDEX store_feed_expires ON store_feed (expires) WHERE expires IS NOT NULL;

CREATE TABLE store_counter (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  expires REAL,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_counter_expires ON store_counter (expires) WHERE expires IS NOT NULL;

-- free: when somebody may take it, which is when it is due, or when the lease of who took it ends.
CREATE TABLE store_timer (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  due REAL NOT NULL,
  free REAL NOT NULL,
  token TEXT,
  crc INTEGER NOT NULL,
  payload BLOB NOT NULL,
  UNIQUE (scope, name)
) STRICT;
CREATE INDEX store_timer_free ON store_timer (scope, free);

CREATE TABLE store_position (
  scope TEXT NOT NULL,
  consumer TEXT NOT NULL,
  partition INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (scope, consumer, partition)
) STRICT, WITHOUT ROWID;
`;

export const storeMigrations: readonly string[] = [FIRST];

/** Small, and needed to open: checked then. */
export const storeSmallTables: readonly string[] = ['store_meta'];
