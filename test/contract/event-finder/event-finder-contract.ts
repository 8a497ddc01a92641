// Contract of finding events: what is there is found by each of its names, whatever an index knows
// of it, and each answer says how far it has looked.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FindQuery, FoundPage } from '../../../admin/topic-view.ts';
import { queueTopicOf } from '../../../core/names.ts';
import { rejectsWith } from '../event-log/subject.ts';
import { eventOf, FinderSite, type FinderSubject, placesOf, TRACE, traceOf } from './finder-site.ts';

export interface FinderDriver {
  readonly name: string;
  /** Runs of a property. */
  readonly runs: number;
  /** Events that fill several blocks of an index. */
  readonly many: number;
  create(): Promise<FinderSubject>;
}

const HOSTILE = ['x'.repeat(10_240), 'a\u0000b', '☕🫘', '__proto__', "'; DROP TABLE log_chunks; --", ' ', '%', '1-1'];

export function eventFinderContract(driver: FinderDriver): void {
  describe(`finding events: ${driver.name}`, () => {
    names(driver);
    pages(driver);
  });
}

function names({ create }: FinderDriver): void {
  describe('by their names', () => {
    const site = new FinderSite(create);
    site.use();

    it('finds an event by id, key and trace, and says what it is and that it has looked at all', async () => {
      await site.log.append(site.topic, [
        eventOf('e1', { key: 'table-7', trace: TRACE, partition: 1 }),
        eventOf('e2', { key: 'table-8', partition: 2 }),
      ]);
      for (const query of [{ id: 'e1' }, { key: 'table-7' }, { trace: TRACE }]) {
        const page = await site.find(query);
        const { appendedAt, ...item } = page.items[0] ?? assert.fail();
        assert.ok(appendedAt !== undefined);
        assert.deepEqual(item, {
          owner: { kind: 'Topic', namespace: site.namespace, name: 'orders' },
          partition: 1,
          offset: 0,
          key: 'table-7',
          id: 'e1',
          type: 'OrderCreated',
          source: '/shop',
          traces: [TRACE],
        });
        assert.deepEqual([page.items.length, page.ended, page.next, page.rest], [1, 'end', undefined, 0]);
        const looked = page.looked.map(({ owner, done, total }) => [owner.name, done, total]);
        assert.deepEqual(looked, [
          ['orders', 2, 2],
          ['unmade', 0, 0],
          ['import', 0, 0],
        ]);
      }
      assert.deepEqual((await site.find({ id: 'none' })).items, []);
      assert.deepEqual((await site.find({ id: 'table-7' })).items, []);
    });

    it('finds by the trace that an event names itself, beside that of its request', async () => {
      const own = TRACE.replace('4', '5');
      const headers = { ce_traceparent: `00-${own}-00f067aa0ba902b7-01` };
      await site.log.append(site.topic, [
        eventOf('e1', { trace: TRACE, headers }),
        eventOf('e2', { headers: { traceparent: 'x' } }),
      ]);
      for (const trace of [TRACE, own]) assert.deepEqual((await site.find({ trace })).items[0]?.traces, [TRACE, own]);
    });

    it('tells events of one id from two sources apart', async () => {
      await site.log.append(site.topic, [
        eventOf('e1', { source: '/a', partition: 0 }),
        eventOf('e1', { source: '/b', partition: 0 }),
      ]);
      assert.deepEqual(placesOf((await site.find({ id: 'e1' })).items), ['0-1', '0-0']);
      assert.deepEqual(placesOf((await site.find({ id: 'e1', source: '/a' })).items), ['0-0']);
    });

    it('finds ids and keys of any kind', async () => {
      await site.log.append(
        site.topic,
        HOSTILE.map(text => eventOf(text, { key: text })),
      );
      for (const text of HOSTILE) {
        assert.deepEqual(
          (await site.find({ id: text })).items.map(({ id }) => id?.slice(0, 20)),
          [text.slice(0, 20)],
        );
        assert.equal((await site.find({ key: text })).items.length, 1, JSON.stringify(text.slice(0, 20)));
      }
    });

    it('finds the jobs of Queues, by the same names and by their own', async () => {
      const jobs = queueTopicOf(site.namespace, 'import');
      await site.log.ensureTopic(jobs, { partitions: 1 });
      const headers = { 'tenfold-job': '5f0c9b1d2a3e4f60' };
      await site.log.append(jobs, [eventOf('j0'), eventOf('j1', { key: 'k', headers })]);
      for (const query of [
        { id: 'j1' },
        { key: 'k' },
        { job: '0-1-5f0c9b1d2a3e4f60' },
        { id: 'j1', queue: 'import' },
      ]) {
        const { items } = await site.find(query);
        assert.deepEqual(
          items.map(({ owner, job }) => [owner.kind, owner.name, job]),
          [['Queue', 'import', '0-1-5f0c9b1d2a3e4f60']],
        );
      }
      assert.deepEqual((await site.find({ job: '0-1-5f0c9b1d2a3e4f61' })).items, []);
      assert.deepEqual((await site.find({ id: 'j1', topic: 'orders' })).items, []);
    });

    it('keeps to a time', async () => {
      const times: number[] = [];
      for (const id of ['a', 'b', 'c']) {
        await site.log.append(site.topic, [eventOf(id, { key: 'k', partition: 0 })]);
        const at = Date.now();
        times.push(at + 1);
        while (Date.now() <= at + 1) await new Promise(resolve => setTimeout(resolve, 1));
      }
      const found = async (query: Partial<FindQuery>) =>
        (await site.find({ key: 'k', ...query })).items.map(({ id }) => id);
      assert.deepEqual(await found({}), ['c', 'b', 'a']);
      assert.deepEqual(await found({ since: times[0] ?? 0 }), ['c', 'b']);
      assert.deepEqual(await found({ until: times[1] ?? 0 }), ['b', 'a']);
      assert.deepEqual(await found({ since: times[0] ?? 0, until: times[1] ?? 0 }), ['b']);
    });
  });
}

function pages({ create, many, runs }: FinderDriver): void {
  describe('in bounded answers', () => {
    const site = new FinderSite(create);
    site.use();

    it('finds among many, before and after they are trimmed', async () => {
      const events = Array.from({ length: many }, (_, at) => {
        return eventOf(`e${at}`, { key: `k${at % 700}`, trace: traceOf(at), partition: at % 3 });
      });
      for (let at = 0; at < many; at += 200) await site.log.append(site.topic, events.slice(at, at + 200));
      const findSome = async () => {
        for (const at of [0, 1, Math.floor(many / 2), many - 1]) {
          const place = `${at % 3}-${Math.floor(at / 3)}`;
          assert.deepEqual(placesOf((await site.find({ id: `e${at}` })).items), [place]);
          assert.deepEqual(placesOf((await site.find({ trace: traceOf(at) })).items), [place]);
        }
      };
      await findSome();
      await site.covered();
      await findSome();
      const wanted = events.filter(({ key }) => key === 'k5').map(({ headers }) => headers['ce_id']);
      const pages = await site.pages({ key: 'k5', limit: 2 });
      const found = pages.flatMap(({ items }) => items.map(({ id }) => id));
      assert.deepEqual(found.toSorted(), wanted.toSorted());
      await site.log.trim(site.topic, 1, 1);
      assert.deepEqual((await site.find({ id: 'e1' })).items, []);
      assert.deepEqual(placesOf((await site.find({ id: 'e4' })).items), ['1-1']);
    });

    it('ends where a request has taken enough, says how far it is, and goes on there', async () => {
      const events = Array.from({ length: 200 }, (_, at) => eventOf(`e${at}`, { key: 'k', partition: at % 3 }));
      for (let at = 0; at < 200; at += 20) await site.log.append(site.topic, events.slice(at, at + 20));
      for (const bounds of [{ records: 10 }, { bytes: 20 }, { ms: 0 }]) {
        const pages = await site.pages({ id: 'e0' }, bounds);
        const [bound = '', ...none] = Object.keys(bounds).map(each => (each === 'ms' ? 'time' : each));
        assert.equal(none.length, 0);
        assert.ok(pages.length > 1 && pages.slice(0, -1).every(({ ended }) => ended === bound || ended === 'end'));
        assert.deepEqual(pages.at(-1)?.ended, 'end');
        assert.deepEqual(placesOf(pages.flatMap(({ items }) => items)), ['0-0']);
        const done = pages.flatMap(({ looked }) => looked.filter(({ owner }) => owner.name === 'orders'));
        assert.ok(done.every(({ total }) => total === 200));
        const far = done.map(each => each.done);
        assert.deepEqual(
          far,
          far.toSorted((a, b) => a - b),
        );
      }
      await rejectsWith('bad-request', site.find({ id: 'e0', after: 'topic/other/at_x' }));
      await rejectsWith('bad-request', site.find({ id: 'e0', after: 'topic/orders/at_x' }));
    });

    it('finds each event once, however it is divided into answers, while more are appended', async () => {
      const plan = fc.record({
        keys: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 120 }),
        limit: fc.integer({ min: 1, max: 7 }),
        records: fc.integer({ min: 1, max: 60 }),
      });
      await fc.assert(
        fc.asyncProperty(plan, async ({ keys, limit, records }) => {
          await site.makeTopic(2);
          const events = keys.map((key, at) => eventOf(`e${at}`, { key: `k${key}`, partition: at % 2 }));
          await site.log.append(site.topic, events);
          const found: (string | undefined)[] = [];
          for (let after: string | undefined; ; ) {
            const page: FoundPage = await site.find(
              { key: 'k1', limit, ...(after === undefined ? {} : { after }) },
              { records },
            );
            assert.ok(page.items.length <= limit);
            found.push(...page.items.map(({ id }) => id));
            after = page.next;
            if (after === undefined) break;
            await site.log.append(site.topic, [eventOf('later', { key: 'k1' })]);
          }
          const wanted = events.filter(({ key }) => key === 'k1').map(({ headers }) => headers['ce_id']);
          assert.deepEqual(found.toSorted(), wanted.toSorted());
        }),
        { numRuns: runs },
      );
    });

    it('refuses names that are none, in words', async () => {
      await rejectsWith('not-found', site.find({ id: 'a', topic: 'none' }));
      await rejectsWith('not-found', site.find({ id: 'a', queue: 'none' }));
      await rejectsWith('bad-request', site.find({ job: 'a' }));
      await rejectsWith('bad-request', site.find({}));
      const gone = AbortSignal.abort(new Error('gone'));
      await site.log.append(site.topic, [eventOf('a')]);
      await assert.rejects(site.find({ id: 'a' }, {}, gone), /gone/);
    });
  });
}
