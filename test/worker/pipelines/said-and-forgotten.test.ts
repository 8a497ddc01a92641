// A window that was reported because nothing came, and a store that forgot so: what it counts in
// the end has an id of its own.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { WindowPartition } from '../../../worker/pipelines/window/window-partition.ts';
import { compileWindow } from '../../../worker/pipelines/window/window-plan.ts';

const EMPTY = { row: async () => undefined, scan: async () => ({ rows: [], next: undefined }) };
const BEGIN = Date.parse('2026-01-01T00:00:00Z');

async function newPartition(): Promise<WindowPartition> {
  const plan = compileWindow(
    {
      tumbling: 10_000,
      allowedLateness: 0,
      by: '${event.data.key}',
      emit: 'final',
      aggregate: { sum: 'sum(event.data.n)' },
    },
    { of: '${event.time}', maxDisorder: 1_000, idle: 1_000 },
  );
  const init = { plan, pipeline: 'counts', origin: 'counts/1', partition: 0 };
  const partition = await WindowPartition.load(EMPTY, 'scope', init, 1, realWorld);
  assert.ok(partition);
  return partition;
}

function take(partition: WindowPartition, offset: number, atMs: number): void {
  const event = {
    specversion: '1.0' as const,
    id: String(offset),
    source: '/x',
    type: 'T',
    data: { key: 'k', n: offset + 1 },
  };
  const record: LogRecord = { offset, timestamp: atMs, key: 'k', value: Buffer.alloc(0), headers: {} };
  partition.take({ event, key: 'k', time: atMs, source: 0, topic: 0, mark: undefined }, record);
  partition.clock.offset = offset + 1;
}

const said = (partition: WindowPartition) =>
  partition.results.splice(0).map(({ event }) => ({ id: event.id, sum: (event.data as { sum: number }).sum }));

describe('a window that was reported because nothing came', () => {
  it('has another id when it is closed, also where the store has forgotten the report', async () => {
    const before = await newPartition();
    take(before, 0, BEGIN);
    before.tick({ silence: BEGIN + 60_000 });
    before.sayTicked();
    const [early] = said(before);
    assert.equal(early?.sum, 1);

    const after = await newPartition();
    take(after, 0, BEGIN);
    take(after, 1, BEGIN + 500);
    take(after, 2, BEGIN + 60_000);
    const [final] = said(after);
    assert.equal(final?.sum, 3);
    assert.notEqual(final?.id, early?.id);
  });

  it('has the same id each time it says the same', async () => {
    const [one, other] = [await newPartition(), await newPartition()];
    for (const partition of [one, other]) {
      take(partition, 0, BEGIN);
      partition.tick({ silence: BEGIN + 60_000 });
      partition.sayTicked();
    }
    assert.deepEqual(said(one), said(other));
  });
});
