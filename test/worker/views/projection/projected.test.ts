// Events that a function made, folded once although they come again and out of order; what is
// remembered of them goes once it is not needed.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { fedFromHeaders, madeFromHeaders, passOn, takingOnce } from '../../../../worker/views/projection/projected.ts';
import type { ShapeStore, ViewShape } from '../../../../worker/views/shapes/view-shape.ts';
import { temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../../drivers/store/sqlite/open-store.ts';

/** Counts records by key. */
const counting: ViewShape = {
  project: () => [],
  toChanges: async records => records.map(({ key }) => ({ kind: 'count', counter: key ?? '', by: 1 }) as const),
};

function record(headers: Record<string, string>, key = 'k'): LogRecord {
  const made = { offset: 0, timestamp: 0, key, value: new Uint8Array(0), headers };
  return { ...made, headers: passOn(made, 0) };
}

const made = (offset: number, settledBelow = 0, { generation = 0, index = 0, source = 'abc.0' } = {}) =>
  record(madeFromHeaders({ source, offset, generation, index, settledBelow }));

describe('events that a function made', () => {
  let store: Store;
  let turn = 0;
  const folder = temporaryFolder();
  before(async () => {
    store = await openStore(folder.file);
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  const folding = () => {
    const scope = `projected/${turn++}`;
    const shape = takingOnce(counting);
    const reads: ShapeStore = {
      now: () => 0,
      rows: (...names) => store.rows(...names),
      changeDocuments: async () => assert.fail('nothing is indexed'),
    };
    return {
      async fold(...records: LogRecord[]) {
        await store.apply(scope, await shape.toChanges(records, scope, reads, () => false));
        return store.counter(scope, 'k');
      },
      async tidy() {
        for (;;) {
          const changes = (await shape.upkeep?.toChanges(scope, store, 0)) ?? [];
          if (changes.length === 0) break;
          await store.apply(scope, changes);
        }
        return (await store.scan(scope, 'tenfold.taken', { limit: 100 })).rows.length;
      },
    };
  };

  it('are taken once, in one step or in several', async () => {
    const { fold } = folding();
    assert.equal(await fold(made(1), made(1), made(2)), 2);
    assert.equal(await fold(made(2), made(1), made(3)), 3);
    assert.equal(await fold(made(3, 0, { index: 1 }), made(3, 0, { source: 'abc.1' })), 5);
  });

  it('are taken when they come late, as long as theirs is not settled', async () => {
    const { fold, tidy } = folding();
    assert.equal(await fold(made(5, 3), made(7, 3)), 2);
    assert.equal(await fold(made(3, 3), made(2, 3)), 3);
    assert.equal(await tidy(), 3);
    assert.equal(await fold(made(8, 8)), 4);
    assert.equal(await tidy(), 1);
    assert.equal(await fold(made(5), made(7), made(8)), 4);
  });

  it('are taken once more when they were redriven, and then not again', async () => {
    const { fold } = folding();
    await fold(made(9, 9));
    assert.equal(await fold(made(2, 9, { generation: 1 })), 2);
    assert.equal(await fold(made(2, 9, { generation: 1 }), made(2, 9, { generation: 2 })), 3);
  });

  it('are known by where they came from when another fold has fed them', async () => {
    const { fold } = folding();
    const fed = (offset: number, index = 0) =>
      record(fedFromHeaders({ topic: 'pipeline.shop.p', partition: 0, offset, index }, 0));
    assert.equal(await fold(fed(1), fed(2), fed(1)), 2);
    assert.equal(await fold(fed(2), fed(1, 1)), 3);
  });

  it('equal a set of them, whatever order and repeats a dispatcher makes', async () => {
    /**
     * Each offset is made at one of many moments; what is settled is below
     * all that are not made yet.
     */
    const moments = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(moments, fc.array(fc.nat()), fc.boolean(), async (when, again, tidied) => {
        const { fold, tidy } = folding();
        const order = [...when.keys()].sort((a, b) => (when[a] ?? 0) - (when[b] ?? 0) || a - b);
        let count = 0;
        for (const [at, offset] of order.entries()) {
          const open = order.slice(at);
          const settled = Math.min(...open);
          const repeats = again.filter((_, n) => n % order.length === at).map(n => order[n % (at + 1)] ?? 0);
          count = await fold(made(offset, settled), ...repeats.map(each => made(each, 0)));
          if (tidied) await tidy();
        }
        assert.equal(count, when.length);
      }),
      { numRuns: 40 },
    );
  });
});
