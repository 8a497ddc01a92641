// F26: when the power goes, whatever had not been synced may be on disk, half on disk or anything
// else; what was acknowledged is there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pathOf } from '../../../../drivers/sqlite/integrity/acknowledged.ts';
import { FRAME_HEADER, WAL_HEADER, walkWal } from '../../../../drivers/sqlite/integrity/wal.ts';
import { readAll, record, rejectsWith, textOf } from '../../../contract/event-log/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { copyDatabase } from './filled-log.ts';
import { openInlineLog } from './open-inline-log.ts';

const LOSSES = Number(process.env['TENFOLD_POWER_LOSSES'] ?? 40);
const TOPIC = 'orders';
const FRAME = FRAME_HEADER + 4096;

/** What was on disk for certain when so many records had been acknowledged. */
interface Moment {
  readonly records: number;
  readonly walLength: number;
  readonly acknowledged: Buffer;
}

describe('a power cut', () => {
  let folder: TemporaryFolder;
  const moments: Moment[] = [];
  let left: string;
  let file: string;
  before(async () => {
    folder = temporaryFolder();
    file = `${folder.path}/found/tenfold.db`;
    left = `${folder.path}/left/tenfold.db`;
    const log = await openInlineLog(folder.file);
    await log.ensureTopic(TOPIC, { partitions: 1 });
    for (let records = 1; records <= LOSSES + 3; records++) {
      await log.append(TOPIC, [record('a', textFor(records))]);
      const walLength = WAL_HEADER + (walkWal(`${folder.file}-wal`)?.frames ?? 0) * FRAME;
      moments.push({ records, walLength, acknowledged: readFileSync(pathOf(folder.file)) });
    }
    copyDatabase(folder.file, left);
    await log.close();
  });
  after(() => folder.remove());

  /** The files as they were left, the WAL as `change` makes it. */
  const find = (moment: Moment, change: (wal: Buffer) => Buffer) => {
    copyDatabase(left, file);
    writeFileSync(pathOf(file), moment.acknowledged);
    writeFileSync(`${file}-wal`, change(readFileSync(`${file}-wal`)));
  };
  const texts = async () => {
    const log = await openInlineLog(file);
    const found = (await readAll(log, TOPIC, 0)).map(textOf);
    await log.append(TOPIC, [record('a', 'it goes on')]);
    await log.close();
    return found;
  };
  const upTo = (records: number) => Array.from({ length: records }, (_, index) => textFor(index + 1));

  const damages: readonly [string, (wal: Buffer, from: number) => Buffer][] = [
    ['is noise', (wal, from) => Buffer.concat([wal.subarray(0, from), randomBytes(wal.length - from)])],
    ['is zeros', (wal, from) => wal.fill(0, from)],
    ['is missing', (wal, from) => wal.subarray(0, from)],
    [
      'ends in the middle of a frame',
      (wal, from) => wal.subarray(0, Math.min(wal.length, from + 1 + Math.floor(Math.random() * FRAME))),
    ],
  ];
  for (const [what, damage] of damages) {
    it(`loses nothing acknowledged when all after it ${what} (${LOSSES} moments)`, async function () {
      this.timeout(600_000 + LOSSES * 500);
      for (const moment of moments.slice(0, LOSSES)) {
        find(moment, wal => damage(wal, moment.walLength));
        const found = await texts();
        assert.deepEqual(found, upTo(Math.max(moment.records, found.length)));
        assert.ok(found.length >= moment.records, `${found.length} of ${moment.records}`);
      }
    });
  }

  it('may leave the end of a commit that was under way without its beginning', async () => {
    const [moment, next] = moments.slice(-2);
    find(moment!, wal => wal.subarray(0, next!.walLength).fill(7, moment!.walLength, moment!.walLength + FRAME));
    assert.deepEqual(await texts(), upTo(moment!.records));
  });

  it('cannot explain that acknowledged commits are damaged', async () => {
    const [moment, next] = moments.slice(-2);
    const wal = (bytes: Buffer) =>
      bytes.subarray(0, next!.walLength).fill(7, moment!.walLength, moment!.walLength + FRAME);
    find(next!, wal);
    await rejectsWith('data-corrupt', openInlineLog(file));
    // Nor without the file that says what was acknowledged, when more
    // commits follow the damaged one.
    find(next!, bytes => bytes.fill(7, moments.at(-4)!.walLength, moments.at(-4)!.walLength + FRAME));
    rmSync(pathOf(file));
    await rejectsWith('data-corrupt', openInlineLog(file));
  });

  it('may come before the file beside it has caught up', async () => {
    const [early, late] = [moments.at(-3)!, moments.at(-1)!];
    find(early, wal => wal.subarray(0, late.walLength));
    assert.deepEqual(await texts(), upTo(late.records));
  });
});

const textFor = (number: number) => `order ${number} `.repeat(number % 7 === 0 ? 2000 : 3);
