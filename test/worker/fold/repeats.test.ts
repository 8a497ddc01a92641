// What a fold remembers of the events it has counted, compared with a plain list of all of them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { sameEventOf } from '../../../core/cloudevents/same-event.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { REPEATS_TABLE, REPEATS_WINDOW_MS, Repeats } from '../../../worker/fold/repeats.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';

const MOST = 5;
const event = (id: string, data: unknown = { n: 1 }, more: object = {}) => ({
  specversion: '1.0' as const,
  id,
  source: '/test',
  type: 'Test',
  data,
  ...more,
});
const recordOf = (id: string, timestamp: number, data?: unknown): LogRecord => ({
  offset: 0,
  timestamp,
  ...toRecord(event(id, data), null),
});

interface Came {
  readonly lane: number;
  readonly id: number;
  readonly time: number;
  readonly counts: boolean;
}

/**
 * By the promise alone: of its lane one of the last that were counted, and not
 * longer ago than the window.
 */
function expected(came: readonly Came[]): boolean[] {
  const counted = new Map<number, Came[]>();
  return came.map(each => {
    const lane = counted.get(each.lane) ?? [];
    const time = Math.max(each.time, lane.at(-1)?.time ?? 0);
    const last = lane.slice(-MOST).findLast(({ id }) => id === each.id);
    if (last && time - last.time <= REPEATS_WINDOW_MS) return true;
    counted.set(each.lane, [...lane, { ...each, time }]);
    return false;
  });
}

/** A table in memory. */
function keepRows() {
  const rows = new Map<string, string>();
  return {
    apply(changes: readonly Change[]) {
      for (const change of changes) {
        if (change.kind === 'put-row') rows.set(change.key, String(change.value));
        else if (change.kind === 'delete-row') rows.delete(change.key);
        else assert.fail(change.kind);
      }
    },
    scan: async () => ({
      rows: [...rows]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ({ key, value: Buffer.from(value), version: '', position: key })),
      next: undefined,
    }),
  };
}

describe('what a fold remembers of events', () => {
  const folder = temporaryFolder();
  let store: Store;
  before(async () => {
    store = await openStore(folder.file);
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  it('is the same as a list of all that was counted says, wherever steps end and whoever goes on', async () => {
    const one = fc.record({
      lane: fc.integer({ min: 0, max: 1 }),
      id: fc.integer({ min: 0, max: 7 }),
      passed: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: REPEATS_WINDOW_MS / 3 }),
        fc.constant(REPEATS_WINDOW_MS),
      ),
      /**
       * After it: nothing, a step is written, or written and begun anew by somebody else, or lost.
       */
      ends: fc.constantFrom('on', 'step', 'anew', 'lost'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 80 }), async list => {
        const kept = keepRows();
        let time = 1_000_000_000_000;
        const came = list.map(({ passed, lane, id }): Came => {
          time += passed;
          return { lane, id, time, counts: true };
        });
        const wanted = expected(came);
        let repeats = await Repeats.load(kept, '', MOST);
        let written = 0;
        const take = (from: number, to: number) => {
          for (let index = from; index < to; index++) {
            const { lane, id, time: at } = came[index] ?? assert.fail();
            const found = repeats.isRepeat(recordOf(`e${id}`, at), { topic: 't', partition: lane });
            assert.equal(found, wanted[index], `event ${index}`);
          }
        };
        for (const [index, { ends }] of list.entries()) {
          take(index, index + 1);
          if (ends === 'on') continue;
          if (ends === 'lost') {
            // The step is made again by whoever comes next.
            repeats = await Repeats.load(kept, '', MOST);
            take(written, index + 1);
          }
          kept.apply(repeats.changes());
          written = index + 1;
          if (ends === 'anew') repeats = await Repeats.load(kept, '', MOST);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes little room: rows of which nothing is remembered any more are deleted', async () => {
    let repeats = await Repeats.load(store, 'room', MOST);
    for (let n = 0; n < 1_000; n++) {
      repeats.isRepeat(recordOf(`e${n}`, n), { topic: 't', partition: 0 });
      await store.apply('room', repeats.changes());
      if (n % 100 === 0) repeats = await Repeats.load(store, 'room', MOST);
    }
    const { rows } = await store.scan('room', REPEATS_TABLE, { limit: 100 });
    assert.ok(rows.length <= 2, `${rows.length} rows`);
  });

  it('knows an event by source, id, type, subject and data, and by no place or time', () => {
    const same = (one: object, other: object) =>
      sameEventOf(toRecord(one as never, null)) === sameEventOf(toRecord(other as never, 'key'));
    assert.ok(same(event('a'), event('a', { n: 1 }, { time: '2026-01-01T00:00:00Z', traceparent: 'x' })));
    for (const other of [
      event('b'),
      event('a', { n: 2 }),
      event('a', null),
      event('a', { n: 1 }, { source: '/other' }),
      event('a', { n: 1 }, { subject: 's' }),
      event('a', { n: 1 }, { type: 'Other' }),
    ])
      assert.ok(!same(event('a'), other), JSON.stringify(other));
    assert.equal(sameEventOf({ headers: {}, value: Buffer.from('{}') }), undefined);
  });

  it('knows an event that is written in structured mode', () => {
    const structured = (one: object) => ({
      headers: { 'content-type': 'application/cloudevents+json' },
      value: Buffer.from(JSON.stringify(one)),
    });
    assert.equal(sameEventOf(structured(event('a'))), sameEventOf(toRecord(event('a'), null)));
    assert.notEqual(sameEventOf(structured(event('a'))), sameEventOf(structured(event('b'))));
    assert.equal(sameEventOf(structured({ id: 'a' })), undefined);
  });
});
