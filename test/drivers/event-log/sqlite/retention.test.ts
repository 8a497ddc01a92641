// Retention by time and size, and trimming: old records go in slices, new ones stay, and appending
// goes on meanwhile. F31: clocks that jump.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import type { EventLog, TopicSettings } from '../../../../drivers/event-log/event-log.ts';
import { readAll, record, textOf, until } from '../../../contract/event-log/subject.ts';
import { createFakeWorld, type FakeWorld } from '../../../fakes/fake-world.ts';
import { type TemporaryFolder, temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { openInlineLog } from './open-inline-log.ts';

const TOPIC = 'orders';
const EVERY = 60_000;
const HOUR = 3_600_000;

describe('retention of the log on SQLite', () => {
  let folder: TemporaryFolder;
  let world: FakeWorld;
  let skew: number;
  let log: EventLog;
  beforeEach(async () => {
    folder = temporaryFolder();
    skew = 0;
    world = createFakeWorld();
    log = await openInlineLog(folder.file, { ...world, now: () => world.now() + skew }, EVERY);
  });
  afterEach(async () => {
    await log.close();
    folder.remove();
  });

  const ensure = (settings: Partial<TopicSettings>) => log.ensureTopic(TOPIC, { partitions: 1, ...settings });
  const append = (text: string) => log.append(TOPIC, [record('a', text)]);
  const texts = async () => (await readAll(log, TOPIC, 0)).map(textOf);
  const chunks = () => {
    const db = new DatabaseSync(folder.file, { readOnly: true });
    const count = db.prepare('SELECT count(*) AS count FROM log_chunks').get()?.['count'];
    db.close();
    return Number(count);
  };

  it('deletes records that are older than it says, and no others', async () => {
    await ensure({ retentionMs: HOUR });
    await append('old');
    await world.pass(HOUR / 2);
    await append('new');
    await world.pass(HOUR / 2);
    assert.deepEqual(await texts(), ['old', 'new']);
    await world.pass(2 * EVERY);
    assert.deepEqual(await texts(), ['new']);
    assert.deepEqual(await log.bounds(TOPIC), [{ start: 1, end: 2 }]);
  });

  it('deletes the oldest records beyond a size, and keeps at least that size', async () => {
    await ensure({ retentionBytes: 10_000 });
    for (let index = 0; index < 30; index++) await append(String(index).padEnd(1000));
    await world.pass(2 * EVERY);
    const left = await texts();
    assert.ok(left.length >= 10 && left.length <= 11, `${left.length} records`);
    assert.equal(left.at(-1), '29'.padEnd(1000));
  });

  it('deletes nothing where it is off', async () => {
    await ensure({});
    await append('old');
    await world.pass(HOUR);
    assert.deepEqual(await texts(), ['old']);
  });

  it('takes over settings that change', async () => {
    await ensure({});
    await append('old');
    await world.pass(2 * HOUR);
    await ensure({ retentionMs: HOUR });
    await world.pass(2 * EVERY);
    assert.deepEqual(await texts(), []);
    assert.deepEqual(await log.bounds(TOPIC), [{ start: 1, end: 1 }]);
  });

  it('works off a long past in slices, between which appends go on', async () => {
    await ensure({ retentionMs: HOUR });
    for (let index = 0; index < 600; index++) await append(String(index));
    await world.pass(2 * HOUR - 10 * EVERY); // the first turn finds nothing too old, the next one all of it
    await append('new');
    await until('all is worked off', async () => {
      await world.pass(EVERY);
      return (await log.bounds(TOPIC))![0]!.start === 600;
    });
    assert.deepEqual(await texts(), ['new']);
    assert.equal(chunks(), 1);
  });

  it('deletes what was trimmed and what deleted topics leave', async () => {
    await ensure({});
    for (let index = 0; index < 10; index++) await append(String(index));
    await log.trim(TOPIC, 0, 4);
    assert.deepEqual((await texts()).length, 6);
    await world.pass(2 * EVERY);
    assert.equal(chunks(), 6);
    await log.deleteTopic(TOPIC);
    await world.pass(2 * EVERY);
    assert.equal(chunks(), 0);
  });

  it('writes nothing when there is nothing to delete', async () => {
    await ensure({ retentionMs: HOUR, retentionBytes: 1e9 });
    await append('new');
    const commits = () => {
      const db = new DatabaseSync(folder.file, { readOnly: true });
      const found = db.prepare('SELECT commits FROM tenfold_commits').get()?.['commits'];
      db.close();
      return found;
    };
    const before = commits();
    await world.pass(20 * EVERY);
    assert.equal(commits(), before);
  });

  it('keeps everything when the clock goes back, and appends, reads and finds on', async () => {
    await ensure({ retentionMs: 2 * 24 * HOUR });
    const day = 24 * HOUR;
    const found: { offset: number; timestamp: number }[] = [];
    for (const jump of [0, -HOUR, day, day, -HOUR, 0]) {
      skew = jump;
      await append(`at ${jump}`);
      await world.pass(EVERY);
    }
    for (const { offset, timestamp } of await readAll(log, TOPIC, 0)) found.push({ offset, timestamp });
    assert.deepEqual(
      found.map(({ offset }) => offset),
      [0, 1, 2, 3, 4, 5],
    );
    for (const { timestamp } of found) {
      assert.equal(await log.offsetAt(TOPIC, 0, timestamp), found.find(other => other.timestamp >= timestamp)!.offset);
    }
  });

  it('finds the first record at or after any time, however the clock jumped and whatever was trimmed', async () => {
    const step = fc.record({ skew: fc.integer({ min: 0, max: 50 }), count: fc.integer({ min: 1, max: 4 }) });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.nat(20),
        fc.integer({ min: -1, max: 52 }),
        async (steps, trim, wanted) => {
          const topic = `clock-${run++}`;
          await log.ensureTopic(topic, { partitions: 1 });
          for (const { skew: jump, count } of steps) {
            skew = jump;
            await log.append(
              topic,
              Array.from({ length: count }, (_, index) => record('a', String(index))),
            );
          }
          const { end } = (await log.bounds(topic))![0]!;
          await log.trim(topic, 0, Math.min(trim, end));
          const time = world.now() + wanted;
          const first = (await readAll(log, topic, 0)).find(({ timestamp }) => timestamp >= time);
          assert.equal(await log.offsetAt(topic, 0, time), first?.offset ?? end);
        },
      ),
      { numRuns: 60 },
    );
  });
});
