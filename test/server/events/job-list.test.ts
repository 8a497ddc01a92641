// The list of jobs: a row that a later release has written is said to be unknown, and hides no other.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { createJobList } from '../../../server/events/job-list.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';

const QUEUE = { namespace: 'default', name: 'imports' };
const TOPIC = 'queue.default.imports';

describe('the list of jobs', () => {
  it('says of what a later release has written that it is unknown, and why; asked for one, it refuses', async () => {
    const log = createFakeLog();
    const store = createFakeStore(realWorld);
    for (const digit of ['a', 'b'])
      await log.append(TOPIC, [{ key: null, value: Buffer.alloc(0), headers: { 'tenfold-job': digit.repeat(16) } }]);
    const later = Buffer.from('{"v":2,"state":"succeeded"}\n');
    await store.put('jobs/default/imports/0', `0-0-${'a'.repeat(16)}`, later, { ttlMs: 1e6 });
    const read = async () => ({ records: [...log.recordsOf(TOPIC)], next: 2, bounds: { start: 0, end: 2 } });
    const jobs = createJobList({ ...log, read }, store);

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
