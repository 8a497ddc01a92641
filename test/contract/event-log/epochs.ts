// Contract of the log: topics that are deleted and made again: their offsets never come a second
// time, and who reads goes on with what is new.
import assert from 'node:assert/strict';
import { isRecreated, OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import {
  type EventLog,
  type LogRecord,
  MAX_METADATA,
  type OwnedPartition,
} from '../../../drivers/event-log/event-log.ts';
import { LIMITS, type LogDriver, type LogSubject, newName, readAll, record, textOf, until } from './subject.ts';

export function epochs(subject: () => LogSubject, driver: LogDriver): void {
  describe('topics that are made again under their name', () => {
    let log: EventLog;
    let topic: string;
    beforeEach(async () => {
      log = await subject().open();
      topic = newName('topic');
      await log.ensureTopic(topic, { partitions: 2 });
    });
    afterEach(() => log.close());

    const append = async (texts: readonly string[]) => {
      const given = await log.append(
        topic,
        texts.map(text => record(null, text, { partition: 0 })),
      );
      return given.map(({ offset }) => offset);
    };
    const makeAgain = async (partitions = 2) => {
      await log.deleteTopic(topic);
      await log.ensureTopic(topic, { partitions });
      await until('it is there', async () => (await log.bounds(topic))?.length === partitions);
    };

    it('begin above every offset of the earlier one', async () => {
      const before = await append(['1', '2', '3']);
      await makeAgain();
      assert.deepEqual(await log.bounds(topic), [
        { start: OFFSETS_PER_EPOCH, end: OFFSETS_PER_EPOCH },
        { start: OFFSETS_PER_EPOCH, end: OFFSETS_PER_EPOCH },
      ]);
      const [first = 0, second = 0] = await append(['4', '5']);
      assert.ok(isRecreated(before[2] ?? 0, first));
      const kept = await readAll(log, topic, 0);
      assert.deepEqual(
        kept.map(each => [each.offset, textOf(each)]),
        [
          [first, '4'],
          [second, '5'],
        ],
      );
      const { records } = await log.read(topic, 0, second, LIMITS);
      assert.deepEqual(records.map(textOf), ['5']);
      assert.equal(await log.offsetAt(topic, 0, 0), first);
      await log.trim(topic, 0, 3);
      assert.equal((await readAll(log, topic, 0)).length, 2);
      await log.trim(topic, 0, second);
      assert.deepEqual((await readAll(log, topic, 0)).map(textOf), ['5']);
    });

    it('begin above those of every earlier one, whatever partitions they have, for whoever opens the log later', async () => {
      await append(['1']);
      await makeAgain(1);
      const [second = 0] = await append(['2']);
      await makeAgain(1);
      await log.ensureTopic(topic, { partitions: 2 });
      await until('it has grown', async () => (await log.bounds(topic))?.length === 2);
      const [third = 0] = await append(['3']);
      assert.ok(isRecreated(second, third));
      if (!driver.hasManyClients) await log.close();
      const other = await subject().open();
      assert.deepEqual(
        (await readAll(other, topic, 0)).map(({ offset }) => offset),
        [third],
      );
      const bounds = await other.bounds(topic);
      assert.deepEqual(bounds?.[1], { start: 2 * OFFSETS_PER_EPOCH, end: 2 * OFFSETS_PER_EPOCH });
      if (driver.hasManyClients) await other.close();
      else log = other;
    });

    it('keep positions apart: one of an earlier one is below all that comes', async () => {
      const group = newName('group');
      await append(['1', '2', '3']);
      await makeAgain();
      // As from an owner that was paused and comes late.
      await log.seek(group, topic, new Map([[0, { offset: 3, metadata: 'late' }]]));
      assert.deepEqual(await log.positions(group, topic), [{ offset: 3, metadata: 'late' }, undefined]);
      const position = { offset: OFFSETS_PER_EPOCH + 2, metadata: 'new' };
      await log.seek(group, topic, new Map([[0, position]]));
      assert.deepEqual((await log.positions(group, topic))[0], position);
      const full = { offset: OFFSETS_PER_EPOCH + 2, metadata: 'm'.repeat(MAX_METADATA) };
      await log.seek(group, topic, new Map([[0, full]]));
      assert.deepEqual((await log.positions(group, topic))[0], full);
    });

    it('are read on by members of a group, from their first record, without anybody joining anew', async () => {
      const group = newName('group');
      const seen: LogRecord[] = [];
      const read = async (owned: OwnedPartition) => {
        while (!owned.lost.aborted) {
          try {
            const from = (await owned.committed())?.offset ?? 0;
            const reader = owned.open(topic, from);
            for (;;) {
              const { records, next } = await reader.next(LIMITS);
              seen.push(...records);
              await owned.commit({ offset: next, metadata: '' });
            }
          } catch {
            await new Promise(resolve => setTimeout(resolve, 20));
          }
        }
      };
      const member = await log.join({ group, topics: [topic], assigned: owned => void read(owned) });
      await append(['1', '2', '3']);
      await until('the first are read', () => seen.length === 3);
      await makeAgain();
      await append(['4', '5']);
      await until('the new ones are read', () => seen.some(each => textOf(each) === '5'));
      const texts = seen.map(textOf);
      assert.deepEqual([...new Set(texts)], ['1', '2', '3', '4', '5']);
      const offsets = new Map(seen.map(each => [textOf(each), each.offset]));
      assert.ok((offsets.get('4') ?? 0) >= OFFSETS_PER_EPOCH);
      await until('it commits', async () => (await log.positions(group, topic))[0]?.offset === OFFSETS_PER_EPOCH + 2);
      await member.leave();
    });
  });
}
