// Contract of the log: topics are created, grown, listed and deleted.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { type LogSubject, newName, readAll, record, rejectsWith, until } from './subject.ts';

export function topics(subject: () => LogSubject): void {
  describe('topics', () => {
    let log: EventLog;
    before(async () => {
      log = await subject().open();
    });
    after(() => log.close());

    it('are listed with their settings', async () => {
      const name = newName('topic');
      await log.ensureTopic(name, { partitions: 3, retentionMs: 3_600_000, retentionBytes: 10_000_000 });
      const found = (await log.topics()).find(topic => topic.name === name);
      const { id, ...rest } = found ?? assert.fail('it is not listed');
      assert.ok(id);
      assert.deepEqual(rest, { name, partitions: 3, retentionMs: 3_600_000, retentionBytes: 10_000_000 });
    });

    it('keep records for ever and of any size when not told otherwise', async () => {
      const name = newName('topic');
      await log.ensureTopic(name, { partitions: 1 });
      const found = (await log.topics()).find(topic => topic.name === name);
      assert.equal(found?.retentionMs, undefined);
      assert.equal(found?.retentionBytes, undefined);
    });

    it('begin empty', async () => {
      const name = newName('topic');
      await log.ensureTopic(name, { partitions: 2 });
      const empty = { start: 0, end: 0 };
      assert.deepEqual(await log.bounds(name), [empty, empty]);
    });

    it('may be ensured again, which changes nothing', async () => {
      const name = newName('topic');
      await log.ensureTopic(name, { partitions: 2 });
      await log.append(name, [record('a', '1')]);
      await log.ensureTopic(name, { partitions: 2 });
      const kept = [...(await readAll(log, name, 0)), ...(await readAll(log, name, 1))];
      assert.equal(kept.length, 1);
    });

    it('are told from earlier ones of the same name, and not from what they were before they grew', async () => {
      const name = newName('topic');
      const idOf = async () => (await log.topics()).find(topic => topic.name === name)?.id;
      await log.ensureTopic(name, { partitions: 1 });
      const first = await idOf();
      await log.ensureTopic(name, { partitions: 2, retentionMs: 3_600_000 });
      assert.equal(await idOf(), first);
      await log.deleteTopic(name);
      await until('it is not listed', async () => (await idOf()) === undefined);
      await log.ensureTopic(name, { partitions: 1 });
      await until('it is listed', async () => (await idOf()) !== undefined);
      assert.notEqual(await idOf(), first);
    });

    it('may be ensured by many at the same time', async () => {
      const name = newName('topic');
      await Promise.all(Array.from({ length: 8 }, () => log.ensureTopic(name, { partitions: 4 })));
      assert.equal((await log.bounds(name))?.length, 4);
    });

    it('change their retention', async () => {
      const name = newName('topic');
      await log.ensureTopic(name, { partitions: 1, retentionMs: 3_600_000 });
      await log.ensureTopic(name, { partitions: 1, retentionBytes: 5_000_000 });
      const changed = async () => {
        const found = (await log.topics()).find(topic => topic.name === name);
        return found?.retentionMs === undefined && found?.retentionBytes === 5_000_000;
      };
      await until('the new retention is shown', changed);
    });

    it('grow, and keep what they have', async () => {
      const name = newName('topic');
      await log.ensureTopic(name, { partitions: 1 });
      await log.append(name, [record('a', '1')]);
      await log.ensureTopic(name, { partitions: 3 });
      await until('there are three partitions', async () => (await log.bounds(name))?.length === 3);
      const [at] = await log.append(name, [record(null, '2', { partition: 2 })]);
      assert.equal(at?.partition, 2);
      assert.equal((await readAll(log, name, 0)).length, 1);
    });

    it('do not shrink', async () => {
      const name = newName('topic');
      await log.ensureTopic(name, { partitions: 2 });
      await rejectsWith('conflict', log.ensureTopic(name, { partitions: 1 }));
      assert.equal((await log.bounds(name))?.length, 2);
    });

    it('are gone with their records and positions once deleted', async () => {
      const name = newName('topic');
      const group = newName('group');
      await log.ensureTopic(name, { partitions: 1 });
      await log.append(name, [record('a', '1')]);
      await log.seek(group, name, new Map([[0, { offset: 1, metadata: 'm' }]]));
      await log.deleteTopic(name);
      await until('it is not listed', async () => !(await log.topics()).some(topic => topic.name === name));
      assert.equal(await log.bounds(name), undefined);
      await log.ensureTopic(name, { partitions: 1 });
      assert.deepEqual(await readAll(log, name, 0), []);
      assert.deepEqual(await log.positions(group, name), [undefined]);
    });

    it('that do not exist may be deleted', () => log.deleteTopic(newName('topic')));

    it('that do not exist are not found', async () => {
      const name = newName('topic');
      assert.equal(await log.bounds(name), undefined);
      await rejectsWith('not-found', log.append(name, [record('a', '1')]));
      await rejectsWith('not-found', log.read(name, 0, 0, { maxRecords: 1, maxBytes: 1 }));
      await rejectsWith('not-found', log.offsetAt(name, 0, 0));
      await rejectsWith('not-found', log.trim(name, 0, 0));
      await rejectsWith('not-found', log.join({ group: newName('group'), topics: [name], assigned() {} }));
    });
  });
}
