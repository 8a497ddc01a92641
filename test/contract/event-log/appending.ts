// Contract of the log: appended records are durable, whole, in order, and where their key says.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { type LogDriver, type LogSubject, newName, readAll, record, rejectsWith, textOf } from './subject.ts';

export function appending(subject: () => LogSubject, { now = Date.now }: LogDriver): void {
  describe('appending', () => {
    let log: EventLog;
    let topic: string;
    before(async () => {
      log = await subject().open();
    });
    after(() => log.close());
    beforeEach(async () => {
      topic = newName('topic');
      await log.ensureTopic(topic, { partitions: 3 });
    });

    it('keeps key, value, headers and time', async () => {
      const before = now();
      const headers = { ce_type: 'OrderCreated', 'content-type': 'application/json', empty: '' };
      const [at] = await log.append(topic, [{ key: 'jar-7', value: Buffer.from([0, 1, 254, 255]), headers }]);
      const [read] = await readAll(log, topic, at!.partition);
      assert.equal(read!.key, 'jar-7');
      assert.deepEqual([...read!.value], [0, 1, 254, 255]);
      assert.deepEqual(read!.headers, headers);
      assert.equal(read!.offset, at!.offset);
      assert.ok(Math.abs(read!.timestamp - before) < 60_000, String(read!.timestamp));
    });

    it('keeps any key, header and bytes', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 40 }).map(value => value.toWellFormed());
      const name = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
      const any = fc.record({
        key: fc.option(text),
        value: fc.uint8Array({ maxLength: 300 }),
        headers: fc.dictionary(name, text, { maxKeys: 5, noNullPrototype: true }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 20 }), async records => {
          const places = await log.append(topic, records);
          for (const [index, { partition, offset }] of places.entries()) {
            const { records: found } = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1 });
            const wanted = records[index]!;
            assert.equal(found[0]!.offset, offset);
            assert.equal(found[0]!.key, wanted.key);
            assert.deepEqual(found[0]!.headers, wanted.headers);
            assert.deepEqual(Buffer.from(found[0]!.value), Buffer.from(wanted.value));
          }
        }),
        { numRuns: 15 },
      );
    });

    it('tells null keys from empty ones, and no bytes from none', async () => {
      await log.append(topic, [record(null, '', { partition: 0 }), record('', '', { partition: 0 })]);
      const read = await readAll(log, topic, 0);
      assert.deepEqual(
        read.map(({ key }) => key),
        [null, ''],
      );
      assert.deepEqual(
        read.map(({ value }) => value.byteLength),
        [0, 0],
      );
    });

    it('puts every key where the partitioner says', async () => {
      const keys = ['a', 'b', 'c', 'ключ', '鍵', ''];
      const places = await log.append(
        topic,
        keys.map(key => record(key, key)),
      );
      assert.deepEqual(
        places.map(({ partition }) => partition),
        keys.map(key => partitionOf(key, 3)),
      );
    });

    it('puts records without a key that are spread alike into one partition', async () => {
      const spread = (text: string) => ({ ...record(null, text), spread: text });
      const at = await log.append(topic, ['a', 'b', 'c', 'a', 'b', 'c'].map(spread));
      assert.deepEqual(
        at.map(({ partition }) => partition),
        ['a', 'b', 'c', 'a', 'b', 'c'].map(text => partitionOf(text, 3)),
      );
      const [read] = await readAll(log, topic, at[0]!.partition);
      assert.equal(read!.key, null);
    });

    it('lets a partition go before the key', async () => {
      const other = (partitionOf('a', 3) + 1) % 3;
      const [at] = await log.append(topic, [record('a', '1', { partition: other })]);
      assert.equal(at!.partition, other);
    });

    it('refuses a partition that does not exist, and then appends nothing', async () => {
      await rejectsWith('not-found', log.append(topic, [record('a', '1'), record('a', '2', { partition: 3 })]));
      assert.deepEqual(
        (await log.bounds(topic))!.map(({ end }) => end),
        [0, 0, 0],
      );
    });

    it('answers in the order given, with offsets that grow', async () => {
      const records = Array.from({ length: 300 }, (_, index) => record(`key-${index % 7}`, String(index)));
      const places = await log.append(topic, records);
      const read = new Map<string, string>();
      for (const partition of [0, 1, 2]) {
        for (const found of await readAll(log, topic, partition))
          read.set(`${partition}/${found.offset}`, textOf(found));
      }
      assert.deepEqual(
        places.map(({ partition, offset }) => read.get(`${partition}/${offset}`)),
        records.map(({ value }) => value.toString()),
      );
    });

    it('keeps the order of calls that do not wait for each other', async () => {
      const calls = Array.from({ length: 500 }, (_, index) => log.append(topic, [record('same', String(index))]));
      const places = (await Promise.all(calls)).flat();
      const offsets = places.map(({ offset }) => offset);
      assert.deepEqual(
        offsets,
        offsets.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(offsets).size, 500);
      const texts = (await readAll(log, topic, places[0]!.partition)).map(textOf);
      assert.deepEqual(
        texts,
        calls.map((_, index) => String(index)),
      );
    });

    it('of nothing is fine', async () => {
      assert.deepEqual(await log.append(topic, []), []);
    });

    it('takes records of a megabyte', async () => {
      const value = Buffer.alloc(1_000_000, 7);
      const [at] = await log.append(topic, [{ key: 'a', value, headers: {} }]);
      const { records } = await log.read(topic, at!.partition, at!.offset, { maxRecords: 10, maxBytes: 1 });
      assert.ok(value.equals(records[0]!.value));
    });

    it('has what it answered when the log is opened again', async () => {
      const places = await log.append(topic, [record('a', 'kept')]);
      await log.close();
      log = await subject().open();
      const read = await readAll(log, topic, places[0]!.partition);
      assert.deepEqual(read.map(textOf), ['kept']);
      const [next] = await log.append(topic, [record('a', 'next')]);
      assert.ok(next!.offset > places[0]!.offset);
    });

    it('is healthy', async () => {
      assert.deepEqual(await log.health(), { ok: true });
    });
  });
}
