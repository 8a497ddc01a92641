// The jobs of FanOuts in the admin API: none is left out of the list or hides others, whoever has
// written its row, and items that are tried again do not count as failed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { encodeFailedRow, encodeFanOutJob, type FanOutJob } from '../../../core/fan-outs/job.ts';
import { FAILED_TABLE, fanOutLayoutOf, itemKeyOf, JOBS_BY_TIME, JOBS_TABLE } from '../../../core/fan-outs/layout.ts';
import { realWorld } from '../../../core/world.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFanOutControl } from '../../../server/events/control/fan-out-control.ts';
import { ItemBits } from '../../../worker/fan-outs/item-bits.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { openInlineStore } from '../../drivers/store/sqlite/open-inline-store.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';

const YAML = `apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: sums }
spec: { split: "\${event.data.numbers}", worker: { url: "http://worker" } }
`;
const layout = fanOutLayoutOf('default', 'sums');

describe('jobs of fan-outs, as the admin API reads them', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openInlineStore(join(tempFolder(), 'store.db'));
  });
  afterEach(async () => {
    await store.close();
    removeTempFolders();
  });
  const control = () => {
    const { resources } = loadText('app.yaml', YAML);
    const set = createResourceSet(resources);
    const storage = { log: createFakeLog(), store };
    return createFanOutControl({
      world: realWorld,
      storage,
      reports: async () => [],
      resources: () => set,
    });
  };
  /** `row`: as a release writes it. */
  const keep = async (digit: string, acceptedAt: number, row = (text: string) => text) => {
    const nonce = digit.repeat(16);
    const partition = Number(digit) % 2;
    const job = { id: `${partition}-${acceptedAt}-${nonce}`, acceptedAt, generation: 0, deadlineAt: 1e12 };
    const counts = { state: 'working', items: 3, split: true, succeeded: 1, failed: 0 };
    const value = row(encodeFanOutJob({ ...job, ...counts } as FanOutJob));
    const indexes = { [JOBS_BY_TIME]: [acceptedAt] };
    await store.apply(layout.scopeOf(partition), [{ kind: 'put-row', table: JOBS_TABLE, key: nonce, value, indexes }]);
    return job.id;
  };
  const later = (text: string) => text.replace('"v":1', '"v":2').replace('"working"', '{"of":"another kind"}');

  it('says of what a later release has written that it is unknown, and why; asked for one, it refuses', async () => {
    const known = [await keep('1', 4000), await keep('2', 2000), await keep('3', 1000)];
    const unknown = await keep('5', 3000, later);
    const jobs = control();

    const { items } = await jobs.list({ limit: 10 });
    assert.deepEqual(
      items.map(({ id, state }) => [id, state]),
      [
        [known[0], 'working'],
        [unknown, 'unknown'],
        [known[1], 'working'],
        [known[2], 'working'],
      ],
    );
    assert.equal(items[1]?.acceptedAt, '1970-01-01T00:00:03.000Z');
    const refusal = new RegExp(`^the state of job ${unknown} has version 2, of a later release.* Finish the upgrade`);
    assert.match(items[1]?.error?.message ?? '', refusal);
    assert.deepEqual(await jobs.list({ limit: 10, visible: namespace => namespace !== 'default' }), { items: [] });
    const found = await jobs.list({ limit: 10, state: 'unknown' });
    assert.deepEqual(
      found.items.map(({ id }) => id),
      [unknown],
    );
    await assert.rejects(jobs.read('default', 'sums', unknown), { code: 'later-release', message: refusal });
  });

  it('goes on behind such a job on the next page', async () => {
    await keep('1', 2000, later);
    await keep('3', 1000);
    const jobs = control();
    const first = await jobs.list({ limit: 1 });
    const rest = await jobs.list({ limit: 1, after: first.next ?? assert.fail('There are more.') });
    assert.deepEqual(
      [first, rest].map(({ items }) => items.map(({ state }) => state)),
      [['unknown'], ['working']],
    );
  });

  it('names no item as failed that was redriven alone, and is tried again', async () => {
    const nonce = '4'.repeat(16);
    const id = await keep('4', 1000, text => text.replace('"generation":0', '"generation":1,"reopened":0'));
    const letter = { partition: 0, offset: 3, generation: 0, attempts: 2, reason: 'refused' };
    const row = encodeFailedRow({ error: { message: 'no' }, letter, at: 1, generation: 0 });
    const bits = new ItemBits(nonce);
    bits.set(2, 'failed');
    await store.apply(layout.scopeOf(0), [
      ...[1, 2].map(index => ({
        ...({ kind: 'put-row', table: FAILED_TABLE } as const),
        key: itemKeyOf(nonce, index),
        value: row,
      })),
      ...bits.changes(),
    ]);
    const { items } = await control().failed('default', 'sums', id, { limit: 10 });
    assert.deepEqual(
      items.map(({ index }) => index),
      [2],
    );
  });
});
