// The list of jobs: none is left out of it, whatever the log gives at a time and
// whoever has written its row.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import { createJobList } from '../../../server/events/control/job-list.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';

const QUEUE = { namespace: 'default', name: 'imports' };
const TOPIC = 'queue.default.imports';

/** So many at a time, as a log reads where that many have as many bytes as are asked for. */
function readOf(records: readonly LogRecord[], most: number): EventLog['read'] {
  return async (_topic, _partition, from) => {
    const found = records.filter(({ offset }) => offset >= from).slice(0, most);
    return { records: found, next: from + found.length, bounds: { start: 0, end: records.length } };
  };
}

describe('the list of jobs', () => {
  it('has all of them, the newest first, where the log gives only some of those that are asked for', async () => {
    const log = createFakeLog();
    const digits = ['a', 'b', 'c', 'd', 'e'];
    for (const digit of digits)
      await log.append(TOPIC, [{ key: null, value: Buffer.alloc(0), headers: { 'tenfold-job': digit.repeat(16) } }]);
    const jobs = createJobList({ ...log, read: readOf(log.recordsOf(TOPIC), 2) }, createFakeStore(realWorld));

    const first = await jobs.list({ limit: 3 }, [QUEUE]);
    const rest = await jobs.list({ limit: 3, after: first.next ?? assert.fail('There are more.') }, [QUEUE]);
    assert.deepEqual(
      [first, rest].map(({ items }) => items.map(({ id }) => id.slice(0, 4))),
      [
        ['0-4-', '0-3-', '0-2-'],
        ['0-1-', '0-0-'],
      ],
    );
  });

  it('puts the jobs of all partitions in the order of their time, whatever the pages are', async () => {
    // By partition the times of its jobs; some offsets hold nothing.
    const times = [[10, 40, 41, 90], [20], [], [5, 30, 50, 60, 70, 80]];
    const records = times.map(list =>
      list.map((timestamp, index): LogRecord => {
        const headers = { 'tenfold-job': 'a'.repeat(16) };
        return { offset: 2 * index, timestamp, key: null, value: Buffer.alloc(0), headers };
      }),
    );
    const ends = records.map(list => 2 * list.length);
    const log = {
      bounds: async () => ends.map(end => ({ start: 0, end })),
      read: async (_topic: string, partition: number, from: number) => {
        const found = (records[partition] ?? []).filter(({ offset }) => offset >= from).slice(0, 2);
        const next = (found.at(-1)?.offset ?? (ends[partition] ?? 0) - 1) + 1;
        return { records: found, next, bounds: { start: 0, end: ends[partition] ?? 0 } };
      },
    } as unknown as EventLog;
    const jobs = createJobList(log, createFakeStore(realWorld));
    const wanted = times.flat().toSorted((one, other) => other - one);
    for (let limit = 1; limit <= 12; limit++) {
      const seen: number[] = [];
      let after: string | undefined;
      do {
        const page = await jobs.list({ limit, ...(after === undefined ? {} : { after }) }, [QUEUE]);
        seen.push(...page.items.map(({ queuedAt }) => Date.parse(queuedAt)));
        after = page.next;
      } while (after !== undefined);
      assert.deepEqual(seen, wanted, `pages of ${limit}`);
    }
  });

  it('says of what a later release has written that it is unknown, and why; asked for one, it refuses', async () => {
    const log = createFakeLog();
    const store = createFakeStore(realWorld);
    for (const digit of ['a', 'b'])
      await log.append(TOPIC, [{ key: null, value: Buffer.alloc(0), headers: { 'tenfold-job': digit.repeat(16) } }]);
    const later = Buffer.from('{"v":2,"state":"succeeded"}\n');
    await store.put('jobs/default/imports/0', `0-0-${'a'.repeat(16)}`, later, { ttlMs: 1e6 });
    const jobs = createJobList({ ...log, read: readOf(log.recordsOf(TOPIC), 10) }, store);

    const { items } = await jobs.list({ limit: 10 }, [QUEUE]);
    assert.deepEqual(
      items.map(({ id, state }) => [id.slice(0, 4), state]),
      [
        ['0-1-', 'queued'],
        ['0-0-', 'unknown'],
      ],
    );
    assert.match(items[1]?.error ?? '', /has version 2, of a later release/);
    const { items: unknown } = await jobs.list({ limit: 10, state: 'unknown' }, [QUEUE]);
    assert.equal(unknown.length, 1);
    await assert.rejects(jobs.read(QUEUE, `0-0-${'a'.repeat(16)}`), { code: 'later-release' });
  });
});
