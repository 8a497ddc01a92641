// Files that the first version of the log's tables has left: opened, they hold what they held;
// damaged, they are salvaged as they are.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { realWorld } from '../../../../core/world.ts';
import { eventLogModule } from '../../../../drivers/event-log/sqlite/module.ts';
import { MIGRATIONS } from '../../../../drivers/event-log/sqlite/schema.ts';
import { createSqliteEventLog } from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { checkDatabase, salvageDatabase } from '../../../../drivers/sqlite/integrity/doctor.ts';
import { openInline } from '../../sqlite/inline-database.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { type Contents, fill, readContents } from './filled-log.ts';
import { openInlineLog } from './open-inline-log.ts';

/** With what the writer of this version needs, which is taken away again. */
const FIRST = `${MIGRATIONS[0]}${MIGRATIONS[2]}${MIGRATIONS[3]}${MIGRATIONS[4]}`;

describe('a log of the first version', () => {
  let folder: TemporaryFolder;
  let contents: Contents;
  beforeEach(async () => {
    folder = temporaryFolder();
    const database = openInline(folder.file, { ...eventLogModule, migrations: [FIRST] });
    const log = await createSqliteEventLog({ world: realWorld, database });
    await fill(log, 100);
    contents = await readContents(log);
    await log.close();
    await database.close();
    const db = new DatabaseSync(folder.file);
    db.exec('DROP TABLE log_lives; DROP TABLE log_names');
    db.close();
  });
  afterEach(() => folder.remove());

  it('holds the same records, offsets and positions when this version opens it', async () => {
    const log = await openInlineLog(folder.file);
    assert.deepEqual(await readContents(log), contents);
    await log.close();
    assert.ok(checkDatabase(folder.file, [eventLogModule]).isSound);
    const db = new DatabaseSync(folder.file, { readOnly: true });
    assert.deepEqual(
      db
        .prepare("SELECT name, wr FROM pragma_table_list WHERE name LIKE 'log_chunks%'")
        .all()
        .map(row => ({ ...row })),
      [{ name: 'log_chunks', wr: 0 }],
    );
    db.close();
  });

  it('is salvaged without being opened first', async () => {
    const to = `${folder.path}/salvaged/tenfold.db`;
    assert.ok(salvageDatabase(folder.file, to, [eventLogModule]).isSound);
    const log = await openInlineLog(to);
    assert.deepEqual(await readContents(log), contents);
    await log.close();
  });
});
