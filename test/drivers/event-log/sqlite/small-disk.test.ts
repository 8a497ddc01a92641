// F25, F28: a real file system that is too small, and one that is mounted read-only.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { readAll, rejectsWith, textOf, until } from '../../../contract/event-log/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { type LogProcess, startLogProcess, TOPIC } from './log-process.ts';
import { openLog } from './open-log.ts';
import { createSmallDisk, type SmallDisk } from './small-disk.ts';

describe('a small disk', () => {
  let folder: TemporaryFolder;
  let disk: SmallDisk;
  let file: string;
  let running: LogProcess | undefined;
  beforeEach(() => {
    folder = temporaryFolder();
    disk = createSmallDisk(folder.path);
    file = `${disk.folder}/tenfold.db`;
  });
  afterEach(async () => {
    await running?.kill();
    running = undefined;
    disk.remove();
    folder.remove();
  });

  const start = async () => {
    running = await startLogProcess(file, { environment: disk.environment });
    return running;
  };
  const textFor = (index: number) => String(index).padEnd(2000, '.');
  /** Appends one by one until that is refused; numbers of those acknowledged. */
  const appendUntilFull = async (log: LogProcess, from: number) => {
    for (let index = from; index < 1000; index++) {
      if (index === 100) disk.fill();
      const { codes, messages } = await log.append(1, 2000);
      if (codes[0] === 'acknowledged') continue;
      assert.equal(codes[0], 'log-unavailable');
      assert.match(messages.join(), /no space left for .*tenfold\.db/);
      return index;
    }
    return assert.fail('it was never full');
  };

  it('that is full refuses, then goes on by itself when there is space; nothing acknowledged is lost', async () => {
    const log = await start();
    const kept = await appendUntilFull(log, 0);
    assert.ok(kept > 20, `${kept} records`);
    for (let attempt = 0; attempt < 20; attempt++)
      assert.deepEqual((await log.append(1, 2000)).codes, ['log-unavailable']);
    disk.grow();
    await until('it is healthy', async () => (await log.health()).ok);
    assert.deepEqual((await log.append(1, 2000)).codes, ['acknowledged']);
    await log.kill();
    const opened = await openLog(file);
    const texts = (await readAll(opened, TOPIC, 0)).map(textOf);
    await opened.close();
    const wanted = [...Array.from({ length: kept }, (_, index) => textFor(index)), textFor(kept + 21)];
    assert.deepEqual(texts, wanted);
  });

  it('that is full does not keep what is there from being opened and read', async () => {
    const log = await start();
    const kept = await appendUntilFull(log, 0);
    await log.kill();
    const opened = await openLog(file);
    assert.equal((await readAll(opened, TOPIC, 0)).length, kept);
    await opened.close();
  });

  it('that is mounted read-only is refused with what to do, and is as it was afterwards', async () => {
    const log = await start();
    assert.deepEqual((await log.append(1, 2000)).codes, ['acknowledged']);
    await log.close();
    running = undefined;
    const before = statSync(file).mtimeMs;
    disk.setReadOnly(true);
    await assert.rejects(openLog(file), /tenfold\.db cannot be written .*read-only/);
    await rejectsWith('storage-unusable', openLog(file));
    disk.setReadOnly(false);
    assert.equal(statSync(file).mtimeMs, before);
    const opened = await openLog(file);
    assert.deepEqual((await readAll(opened, TOPIC, 0)).map(textOf), [textFor(0)]);
    await opened.close();
  });
});
