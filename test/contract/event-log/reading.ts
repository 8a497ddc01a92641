// Contract of the log: reads begin anywhere, stay within limits, and see what is there; trimming
// and times move where they begin.
import assert from 'node:assert/strict';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { LIMITS, type LogDriver, type LogSubject, newName, readAll, record, textOf, until } from './subject.ts';

export function reading(subject: () => LogSubject, { now = Date.now }: LogDriver): void {
  describe('reading', () => {
    let log: EventLog;
    let topic: string;
    before(async () => {
      log = await subject().open();
    });
    after(() => log.close());
    beforeEach(async () => {
      topic = newName('topic');
      await log.ensureTopic(topic, { partitions: 1 });
    });
    const append = (...texts: string[]) =>
      log.append(
        topic,
        texts.map(text => record('a', text)),
      );

    it('begins at any offset', async () => {
      const places = await append('0', '1', '2', '3');
      const { records, next, bounds } = await log.read(topic, 0, places[2]!.offset, LIMITS);
      assert.deepEqual(records.map(textOf), ['2', '3']);
      assert.equal(next, bounds.end);
    });

    it('goes on where the batch before ended, whatever the limits', async () => {
      const texts = Array.from({ length: 100 }, (_, index) => `record ${index}`);
      for (let index = 0; index < 100; index += 10) await append(...texts.slice(index, index + 10));
      for (const limits of [
        { maxRecords: 7, maxBytes: 1 << 20 },
        { maxRecords: 1000, maxBytes: 100 },
        { maxRecords: 1, maxBytes: 1 },
      ]) {
        const found: string[] = [];
        for (let from = 0; found.length < 100; ) {
          const { records, next } = await log.read(topic, 0, from, limits);
          assert.ok(records.length <= limits.maxRecords);
          found.push(...records.map(textOf));
          assert.ok(next > from);
          from = next;
        }
        assert.deepEqual(found, texts);
      }
    });

    it('stays within the bytes asked for, but for a first record that is larger', async () => {
      await append('x'.repeat(5000), 'y'.repeat(5000), 'z'.repeat(5000));
      const { records } = await log.read(topic, 0, 0, { maxRecords: 10, maxBytes: 100 });
      assert.deepEqual(
        records.map(({ value }) => value.byteLength),
        [5000],
      );
    });

    it('at or beyond the end finds nothing and does not wait', async () => {
      const [at] = await append('0');
      const { end } = (await log.bounds(topic))![0]!;
      assert.ok(end > at!.offset);
      assert.deepEqual((await log.read(topic, 0, end, LIMITS)).records, []);
    });

    it('from below the start begins at the start', async () => {
      const places = await append('0', '1', '2');
      await log.trim(topic, 0, places[1]!.offset);
      const { records, bounds } = await log.read(topic, 0, 0, LIMITS);
      assert.deepEqual(records.map(textOf), ['1', '2']);
      assert.equal(bounds.start, places[1]!.offset);
    });

    describe('after trimming', () => {
      it('everything, goes on with what comes next', async () => {
        await append('0', '1');
        const { end } = (await log.bounds(topic))![0]!;
        await log.trim(topic, 0, end);
        assert.deepEqual((await log.bounds(topic))![0], { start: end, end });
        await append('2');
        assert.deepEqual((await readAll(log, topic, 0)).map(textOf), ['2']);
      });

      it('to an earlier place changes nothing', async () => {
        const places = await append('0', '1', '2');
        await log.trim(topic, 0, places[2]!.offset);
        await log.trim(topic, 0, places[1]!.offset);
        assert.equal((await log.bounds(topic))![0]!.start, places[2]!.offset);
      });
    });

    describe('by time', () => {
      it('begins with the first record at or after it', async () => {
        const [first] = await append('early');
        const { records } = await log.read(topic, 0, first!.offset, LIMITS);
        const { timestamp } = records[0]!;
        await until('the clock moves on', () => now() > timestamp + 2);
        const [second] = await append('late');
        const late = (await log.read(topic, 0, second!.offset, LIMITS)).records[0]!;
        assert.equal(await log.offsetAt(topic, 0, 0), first!.offset);
        assert.equal(await log.offsetAt(topic, 0, timestamp), first!.offset);
        assert.equal(await log.offsetAt(topic, 0, timestamp + 1), second!.offset);
        assert.equal(await log.offsetAt(topic, 0, late.timestamp), second!.offset);
      });

      it('after the last record is the end', async () => {
        await append('0');
        assert.equal(await log.offsetAt(topic, 0, now() + 3_600_000), (await log.bounds(topic))![0]!.end);
      });

      it('finds its way among many', async () => {
        const seen: { offset: number; timestamp: number }[] = [];
        for (let index = 0; index < 40; index++) {
          await append(String(index));
          if (index % 5 === 0) await until('the clock moves on', tick(now));
        }
        for (const { offset, timestamp } of await readAll(log, topic, 0)) seen.push({ offset, timestamp });
        for (const { timestamp } of seen) {
          const wanted = seen.find(other => other.timestamp >= timestamp)!.offset;
          assert.equal(await log.offsetAt(topic, 0, timestamp), wanted);
        }
      });
    });
  });
}

function tick(now: () => number): () => boolean {
  const start = now();
  return () => now() > start + 1;
}
