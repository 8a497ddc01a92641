// F25, F28, F30: a disk that is full, read-only, broken or slow makes errors at once, never lost
// records and never a blocked event loop.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { readAll, textOf, until } from '../../../contract/event-log/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { createFaultyDisk, type Faults, type FaultyDisk } from './faulty-disk.ts';
import { type AppendOutcome, type LogProcess, startLogProcess, TOPIC } from './log-process.ts';
import { openLog } from './open-log.ts';

const { EIO, ENOSPC, EROFS } = constants.errno;

describe('a faulty disk', () => {
  let folder: TemporaryFolder;
  let file: string;
  let disk: FaultyDisk;
  let running: LogProcess | undefined;
  beforeEach(async () => {
    folder = temporaryFolder();
    mkdirSync(`${folder.path}/data`);
    mkdirSync(`${folder.path}/tools`);
    file = `${folder.path}/data/tenfold.db`;
    disk = createFaultyDisk(`${folder.path}/data`, `${folder.path}/tools`);
  });
  afterEach(async () => {
    await running?.kill();
    disk.close();
    folder.remove();
  });
  const start = async (options: { maxQueuedBytes?: number; timeoutMs?: number } = {}) => {
    running = await startLogProcess(file, { ...options, environment: disk.environment });
    return running;
  };
  const acknowledged = ({ codes }: AppendOutcome) => codes.filter(code => code === 'acknowledged').length;
  const allAre = ({ codes }: AppendOutcome, code: string) => assert.deepEqual([...new Set(codes)], [code]);
  /** What is there for those who open the file afterwards. */
  const found = async (): Promise<string[]> => {
    const opened = await openLog(file);
    const texts = (await readAll(opened, TOPIC, 0)).map(textOf);
    await opened.close();
    return texts;
  };

  const faults: readonly [string, Faults, RegExp][] = [
    ['is full', { writeErrno: ENOSPC }, /no space left for .*tenfold\.db.*Free some/],
    ['is read-only', { writeErrno: EROFS }, /tenfold\.db/],
    ['cannot be written', { writeErrno: EIO }, /disk under .*tenfold\.db.*error/],
    ['cannot be synced', { syncErrno: EIO }, /disk under .*tenfold\.db.*error/],
  ];
  for (const [what, fault, words] of faults) {
    it(`that ${what} refuses as unavailable, keeps what it acknowledged, and goes on by itself afterwards`, async () => {
      const log = await start();
      let kept = acknowledged(await log.append(50, 300));
      assert.equal(kept, 50);
      disk.set(fault);
      const failed = await log.append(50, 300);
      allAre(failed, 'log-unavailable');
      assert.match(failed.messages.join(), words);
      const { ok, reason } = await log.health();
      assert.equal(ok, false);
      assert.match(reason ?? '', words);
      disk.set({});
      await until('it is healthy', async () => (await log.health()).ok);
      const after = await log.append(50, 300);
      allAre(after, 'acknowledged');
      kept += acknowledged(after);
      await log.kill();
      const texts = await found();
      assert.ok(texts.length >= kept, `${texts.length} of ${kept}`);
      for (let index = 0; index < 50; index++) {
        assert.ok(texts.includes(String(index).padEnd(300, '.')), `${index} of before`);
        assert.ok(texts.includes(String(index + 100).padEnd(300, '.')), `${index} of after`);
      }
    });
  }

  it('that is slow does not block the event loop', async () => {
    const log = await start();
    await log.append(200, 200);
    disk.set({ syncDelayMs: 500 });
    // A busy machine delays some rounds; a loop that waits for the disk would be held up in each.
    const delays: number[] = [];
    for (let round = 0; round < 5 && !delays.some(ms => ms < 400); round++) {
      await log.loopDelay();
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => log.append(200, 200)));
      for (const outcome of outcomes) {
        allAre(outcome, 'acknowledged');
        assert.ok(outcome.ms >= 450, `${outcome.ms} ms`);
      }
      delays.push((await log.loopDelay()).max);
    }
    assert.ok(
      delays.some(ms => ms < 400),
      `the loop was held up for ${delays.join(', ')} ms`,
    );
  });

  it('that is slow makes refusals at once when too much waits, and no more than that', async () => {
    const log = await start({ maxQueuedBytes: 200_000 });
    disk.set({ syncDelayMs: 500 });
    const slow = log.append(300, 500);
    const outcome = await log.append(300, 500);
    const refused = outcome.codes.filter(code => code === 'overloaded').length;
    assert.ok(refused > 100 && refused < 300, `${refused} refused`);
    assert.equal(acknowledged(outcome), 300 - refused);
    allAre(await slow, 'acknowledged');
    disk.set({});
    allAre(await log.append(300, 500), 'acknowledged');
  });

  it('that does not answer is given up on, and found again when it does', async () => {
    const log = await start({ timeoutMs: 200 });
    await log.append(10, 100);
    // Longer than a machine may stand still between two appends.
    disk.set({ syncDelayMs: 12_000 });
    const given = await log.append(10, 100);
    allAre(given, 'log-unavailable');
    assert.match(given.messages.join(), /not known/);
    const next = await log.append(10, 100);
    allAre(next, 'log-unavailable');
    assert.ok(next.turns < 10, `it waited for ${next.turns} turns of the loop`);
    disk.set({});
    await until('it is healthy', async () => (await log.health()).ok);
    allAre(await log.append(10, 100), 'acknowledged');
    await log.close();
    const texts = await found();
    for (let index = 0; index < 10; index++) assert.ok(texts.includes(String(index).padEnd(100, '.')));
  });
});
