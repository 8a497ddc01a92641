// Contract of the log: groups have durable positions with metadata.
import assert from 'node:assert/strict';
import { type EventLog, MAX_METADATA } from '../../../drivers/event-log/event-log.ts';
import { type LogSubject, newName, record, rejectsWith } from './subject.ts';

export function positions(subject: () => LogSubject): void {
  describe('positions', () => {
    let log: EventLog;
    let topic: string;
    let group: string;
    before(async () => {
      log = await subject().open();
    });
    after(() => log.close());
    beforeEach(async () => {
      topic = newName('topic');
      group = newName('group');
      await log.ensureTopic(topic, { partitions: 2 });
      await log.append(
        topic,
        Array.from({ length: 20 }, (_, index) => record(null, '', { partition: index % 2 })),
      );
    });

    it('are undefined before anything was committed', async () => {
      assert.deepEqual(await log.positions(group, topic), [undefined, undefined]);
    });

    it('that were set come back, also when the log is opened again', async () => {
      await log.seek(group, topic, new Map([[1, { offset: 7, metadata: 'done: ✓' }]]));
      const wanted = [undefined, { offset: 7, metadata: 'done: ✓' }];
      assert.deepEqual(await log.positions(group, topic), wanted);
      await log.close();
      log = await subject().open();
      assert.deepEqual(await log.positions(group, topic), wanted);
    });

    it('may go back', async () => {
      await log.seek(group, topic, new Map([[0, { offset: 7, metadata: '' }]]));
      await log.seek(group, topic, new Map([[0, { offset: 2, metadata: '' }]]));
      assert.deepEqual(await log.positions(group, topic), [{ offset: 2, metadata: '' }, undefined]);
    });

    it("of one group are no other group's", async () => {
      await log.seek(group, topic, new Map([[0, { offset: 3, metadata: '' }]]));
      assert.deepEqual(await log.positions(newName('group'), topic), [undefined, undefined]);
    });

    it(`carry up to ${MAX_METADATA} bytes, and no more`, async () => {
      const metadata = 'x'.repeat(MAX_METADATA);
      await log.seek(group, topic, new Map([[0, { offset: 1, metadata }]]));
      assert.equal((await log.positions(group, topic))[0]?.metadata, metadata);
      await rejectsWith(
        'body-too-large',
        log.seek(group, topic, new Map([[0, { offset: 2, metadata: `${metadata}x` }]])),
      );
      const wide = 'é'.repeat(MAX_METADATA / 2 + 1);
      await rejectsWith('body-too-large', log.seek(group, topic, new Map([[0, { offset: 2, metadata: wide }]])));
      assert.equal((await log.positions(group, topic))[0]?.offset, 1);
    });

    it('are not set from outside while the group has members', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const member = await log.join({ group, topics: [topic], assigned: () => resolve() });
      await promise;
      await rejectsWith('conflict', log.seek(group, topic, new Map([[0, { offset: 1, metadata: '' }]])));
      await member.leave();
    });
  });
}
