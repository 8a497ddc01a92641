// Contract of the events of a Topic: each request is bounded and says so, and no event is lost or
// comes twice, whatever happens to the topic between two pages.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LogSubject } from '../event-log/subject.ts';
import { idsOf, NO_BOUND, orderOf, TopicSite } from './site.ts';

export function bounds(subject: () => LogSubject, runs: number): void {
  describe('pages', () => {
    const site = new TopicSite(subject);
    site.use();

    it('end where a request has taken enough, and say how far they are', async () => {
      await site.publish(...Array.from({ length: 40 }, (_, index) => orderOf(`e${index}`)));
      const all = await site.pages({ id: 'e39' }, { ...NO_BOUND, records: 7 });
      assert.ok(all.length > 1);
      assert.deepEqual(
        all.slice(0, -1).map(({ ended }) => ended),
        new Array(all.length - 1).fill('records'),
      );
      assert.deepEqual(
        all.flatMap(({ items }) => idsOf(items)),
        ['e39'],
      );
      const done = all.map(({ progress }) => progress.done);
      assert.deepEqual(
        done,
        done.toSorted((a, b) => a - b),
      );
      assert.deepEqual(all.at(-1)?.progress, { done: 40, total: 40 });
      assert.equal(
        all.reduce((sum, { scanned }) => sum + scanned, 0),
        40,
      );
    });

    it('end when their time is over, and still get on', async () => {
      await site.publish(...Array.from({ length: 40 }, (_, index) => orderOf(`e${index}`, { partition: 0 })));
      const all = await site.pages({ filter: 'event.id == "e39"' }, { ms: 0 });
      assert.deepEqual([all.length > 1, all[0]?.ended], [true, 'time']);
      assert.deepEqual(
        all.flatMap(({ items }) => idsOf(items)),
        ['e39'],
      );
    });

    it('show the beginning of large events, and how large they are', async () => {
      const megabyte = 'x'.repeat(1_000_000);
      const large = Array.from({ length: 5 }, (_, index) => orderOf(`e${index}`, { data: `"${megabyte}ä"` }));
      await site.publish(...large);
      const all = await site.pages({ limit: 2 }, { ...NO_BOUND, bytes: 2_000_000 });
      const found = all.flatMap(({ items }) => items);
      assert.deepEqual(idsOf(found), ['e0', 'e1', 'e2', 'e3', 'e4']);
      for (const { text, bytes, truncated, data } of found) {
        assert.deepEqual([text, bytes, truncated, data], [`"${'x'.repeat(16_383)}`, 1_000_004, true, undefined]);
      }
      const whole = await site.list({ id: 'e3', dataBytes: 1_048_576 });
      assert.equal(whole.items[0]?.data, `${megabyte}ä`);
      const shown = await site.list({ limit: 100, dataBytes: 1_048_576 }, { ...NO_BOUND, shownBytes: 1_500_000 });
      assert.deepEqual([shown.items.length, shown.ended], [2, 'bytes']);
    });

    it('go on with a topic that was made again, and say what is gone', async () => {
      await site.publish(...['a', 'b', 'c'].map(id => orderOf(id, { partition: 0 })));
      const first = await site.list({ limit: 1 });
      await site.log.deleteTopic(site.topic);
      await site.log.ensureTopic(site.topic, { partitions: 3 });
      await site.publish(orderOf('d', { partition: 0 }));
      const last = await site.list({ after: first.next ?? '' });
      assert.deepEqual([idsOf(last.items), last.expired, last.ended], [[], 2, 'end']);
      assert.deepEqual(idsOf((await site.list({ from: last.position })).items), ['d']);
    });

    it('say what was trimmed between them', async () => {
      await site.publish(...['a', 'b', 'c', 'd'].map(id => orderOf(id, { partition: 0 })));
      const first = await site.list({ limit: 1 });
      await site.log.trim(site.topic, 0, 3);
      const last = await site.list({ after: first.next ?? '' });
      assert.deepEqual([idsOf(last.items), last.expired, last.progress], [['d'], 2, { done: 4, total: 4 }]);
    });

    it('have every event once, in the order of its partition, while more are appended and partitions are added', async () => {
      const step = fc.record({ publish: fc.integer({ min: 0, max: 12 }), grow: fc.boolean() });
      const plan = fc.record({
        before: fc.integer({ min: 0, max: 40 }),
        steps: fc.array(step, { maxLength: 6 }),
        limit: fc.integer({ min: 1, max: 9 }),
        records: fc.integer({ min: 1, max: 20 }),
        filtered: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(plan, async ({ before, steps, limit, records, filtered }) => {
          await site.makeTopic(2);
          let partitions = 2;
          let published = 0;
          const more = async (count: number) => {
            const batch = Array.from({ length: count }, () => {
              const id = `e${published++}`;
              return orderOf(id, { partition: Number(id.slice(1)) % partitions });
            });
            await site.log.append(site.topic, batch);
          };
          await more(before);
          const rest = [...steps];
          const between = async () => {
            const next = rest.shift();
            if (next === undefined) return;
            if (next.grow) await site.log.ensureTopic(site.topic, { partitions: ++partitions });
            await more(next.publish);
          };
          const query = { limit, ...(filtered ? { filter: 'event.id.endsWith("3")' } : {}) };
          const wanted = (count: number) =>
            Array.from({ length: count }, (_, index) => `e${index}`).filter(id => !filtered || id.endsWith('3'));
          const first = await site.pages(query, { ...NO_BOUND, records }, between);
          const found = first.flatMap(({ items }) => items);
          assert.deepEqual(idsOf(found).toSorted(), wanted(before).toSorted());
          const second = await site.pages({ ...query, from: first.at(-1)?.position ?? '' }, { ...NO_BOUND, records });
          const all = [...found, ...second.flatMap(({ items }) => items)];
          assert.deepEqual(idsOf(all).toSorted(), wanted(published).toSorted());
          for (const lane of Map.groupBy(all, ({ partition }) => partition).values()) {
            const offsets = lane.map(({ offset }) => offset);
            assert.deepEqual(
              offsets,
              offsets.toSorted((a, b) => a - b),
            );
          }
        }),
        { numRuns: runs },
      );
    });
  });
}
