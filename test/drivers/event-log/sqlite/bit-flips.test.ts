// F27: one flipped bit anywhere in the database or its WAL is found and named, or changes nothing;
// it is never served and nothing goes missing in silence.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { TenfoldError } from '../../../../core/errors.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { LIMITS, textOf } from '../../../contract/event-log/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { type Contents, copyDatabase, fill, readContents, TOPIC } from './filled-log.ts';
import { openInlineLog } from './open-inline-log.ts';
import { openLog } from './open-log.ts';

const FLIPS = Number(process.env['TENFOLD_FLIPS'] ?? 100);

describe('a flipped bit', () => {
  let folder: TemporaryFolder;
  let contents: Contents;
  let left: string;
  before(async () => {
    folder = temporaryFolder();
    // One life that ends well, so that there is something in the database
    // itself; then one that does not.
    let log = await openInlineLog(folder.file);
    await fill(log, 300);
    await log.close();
    log = await openInlineLog(folder.file);
    await fill(log, 30, 300);
    contents = await readContents(log);
    left = `${folder.path}/left/tenfold.db`;
    copyDatabase(folder.file, left);
    await log.close();
  });
  after(() => folder.remove());

  /** What somebody who opens and reads everything finds out. */
  const judge = async (file: string): Promise<'refused' | 'the same'> => {
    let log: EventLog | undefined;
    try {
      log = await openInlineLog(file);
      assert.deepEqual(await readContents(log), contents);
      return 'the same';
    } catch (error) {
      if (!(error instanceof TenfoldError)) throw error;
      assert.ok(error.code === 'data-corrupt' || error.code === 'storage-unusable', `${error.code}: ${error.message}`);
      assert.ok(error.message.includes(file), error.message);
      return 'refused';
    } finally {
      await log?.close();
    }
  };

  for (const [part, least] of [
    ['', 0.2],
    ['-wal', 0.9],
  ] as const) {
    it(`in tenfold.db${part} (${FLIPS} places) is found, or changes nothing`, async function () {
      this.timeout(600_000 + FLIPS * 200);
      const file = `${folder.path}/flipped/tenfold.db`;
      const sound = readFileSync(`${left}${part}`);
      let refused = 0;
      for (let trial = 0; trial < FLIPS; trial++) {
        copyDatabase(left, file);
        const bit = Math.floor(Math.random() * sound.length * 8);
        const bytes = Buffer.from(sound);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        writeFileSync(`${file}${part}`, bytes);
        try {
          if ((await judge(file)) === 'refused') refused++;
        } catch (error) {
          throw new Error(`bit ${bit & 7} of byte ${bit >> 3} of tenfold.db${part}`, { cause: error });
        }
      }
      // Much of the database is free or shadowed by the WAL; were next to nothing refused, the test
      // would look in the wrong place.
      assert.ok(refused > FLIPS * least, `${refused} of ${FLIPS} refused`);
    });
  }

  it('that appears while the log is open is found when the record is read; what comes before it is served', async () => {
    const file = `${folder.path}/open/tenfold.db`;
    copyDatabase(left, file);
    const log = await openLog(file);
    const record = { key: null, value: Buffer.from('a record to be damaged'), headers: {}, partition: 0 };
    const [before] = await log.append(TOPIC, [{ ...record, value: Buffer.from('sound') }]);
    const [at] = await log.append(TOPIC, [record]);
    const wal = readFileSync(`${file}-wal`);
    // The page was written with every commit since; the reading thread takes the last one.
    for (let place = wal.indexOf('to be damaged'); place >= 0; place = wal.indexOf('to be damaged', place + 1)) {
      wal.writeUInt8(wal.readUInt8(place) ^ 1, place);
    }
    writeFileSync(`${file}-wal`, wal);
    const { records, next } = await log.read(TOPIC, 0, before!.offset, LIMITS);
    assert.deepEqual(records.map(textOf), ['sound']);
    await assert.rejects(log.read(TOPIC, 0, next, LIMITS), (error: unknown) => {
      assert.ok(error instanceof TenfoldError && error.code === 'data-corrupt');
      assert.match(error.message, new RegExp(`offset ${at!.offset} of partition 0 of topic ${TOPIC}`));
      return true;
    });
    await log.close();
  });

  it('is nothing to complain of when there is none', async () => {
    const file = `${folder.path}/sound/tenfold.db`;
    copyDatabase(left, file);
    assert.equal(await judge(file), 'the same');
  });
});
