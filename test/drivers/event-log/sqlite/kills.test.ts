// Kills a process that appends, at random moments, again and again: every record that it was
// told is durable is there.
import assert from 'node:assert/strict';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import type { SqliteEventLog } from '../../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { readAll, textOf } from '../../../contract/event-log/subject.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { PARTITIONS, startWriter, TOPIC } from '../../sqlite/writer-process.ts';
import { openLog } from './open-log.ts';

/** By its key, whether the block that it stands in was finished before the kill or not. */
async function assertFound(log: SqliteEventLog, partition: number, { key, offset }: LogRecord): Promise<void> {
  const end = (await log.bounds(TOPIC))?.[partition]?.end ?? 0;
  const asked = { topic: TOPIC, partition, field: 'key', value: String(key), start: 0, end } as const;
  const { spans, from } = await log.index.narrow(asked);
  assert.equal(from, 0);
  assert.ok(
    spans.some(span => span.start <= offset && offset < span.end),
    `${key} at ${offset}`,
  );
}

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
          if (record.offset % 97 === 0) await assertFound(log, partition, record);
        }
      }
      await log.close();
      const lost = [...acknowledged].filter(key => !found.has(key));
      assert.deepEqual(lost, []);
    }
    assert.ok(acknowledged.size > KILLS * 16, `${acknowledged.size} records in all`);
  });
});
