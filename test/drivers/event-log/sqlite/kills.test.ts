// Kills a process that appends, at random moments, again and again: every record that it was
// told is durable is there.
import assert from 'node:assert/strict';
import { readAll, textOf } from '../../../contract/event-log/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { PARTITIONS, startWriter, TOPIC } from '../../sqlite/writer-process.ts';
import { openLog } from './open-log.ts';

const KILLS = Number(process.env['TENFOLD_KILLS'] ?? 12);

describe('a killed process', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it(`has every record that it acknowledged (${KILLS} kills)`, async function () {
    this.timeout(600_000 + KILLS * 10_000);
    const acknowledged = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = await startWriter(folder.file);
      await new Promise(resolve => setTimeout(resolve, Math.random() * 300));
      await writer.kill();
      for (const key of writer.acknowledged) acknowledged.add(key);
      const log = await openLog(folder.file);
      const found = new Set<string>();
      for (let partition = 0; partition < PARTITIONS; partition++) {
        for (const record of await readAll(log, TOPIC, partition)) {
          assert.equal(textOf(record), `value of ${record.key}`);
          assert.ok(!found.has(String(record.key)), `${record.key} twice`);
          found.add(String(record.key));
        }
      }
      await log.close();
      const lost = [...acknowledged].filter(key => !found.has(key));
      assert.deepEqual(lost, []);
    }
    assert.ok(acknowledged.size > KILLS * 16, `${acknowledged.size} records in all`);
  });
});
