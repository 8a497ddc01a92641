// When windows that count events in place notice that somebody else has counted with another number
// of partitions.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { Position } from '../../../drivers/event-log/event-log.ts';
import {
  type CountedBefore,
  countInPlace,
  type InPlaceInit,
  inPlaceNote,
  movedNote,
  type Stop,
} from '../../../worker/pipelines/window/in-place.ts';

describe('windows counted in place', () => {
  /** `partitions`: as this process knows. `there`: those that the log has. */
  const begin = (
    partitions: number,
    notes: (Position | undefined)[],
    { clocks = {}, there = partitions }: { clocks?: Record<string, object>; there?: number } = {},
  ) => {
    const stops: Stop[] = [];
    const moves: CountedBefore[] = [];
    const log = {
      bounds: async () => Array.from({ length: partitions }, () => ({ start: 0, end: 0 })),
      positions: async () => notes,
      offsetAt: async (_: string, partition: number) => {
        if (partition >= there) throw new TenfoldError('not-found', 'There is no such partition.');
        return 0;
      },
      read: async () => ({ records: [], next: 0, bounds: { start: 0, end: 0 } }),
    };
    const row = async (scope: string) => {
      const value = clocks[scope];
      return value && { key: 'clock', value: Buffer.from(JSON.stringify(value)) };
    };
    const init: InPlaceInit = {
      ...{ log, store: { row } as never, group: 'g', topic: 'default.clicks', source: 'clicks', pipeline: 'counts' },
      ...{ id: 'w5', idWith: number => `w${number}`, declared: 5, scopeOf: (id, partition) => `${id}/${partition}` },
      plan: { shape: { kind: 'fixed', size: 10_000, every: 5_000 }, lateness: 1_000, disorder: 2_000 },
      timeOf: () => 0,
      stopped: stop => stops.push(stop),
      moved: counted => moves.push(counted),
    };
    return { inPlace: countInPlace(init), stops, moves };
  };
  const noteOf = (id: string, partitions: number): Position => ({
    offset: 7,
    metadata: inPlaceNote(id, 0, partitions),
  });

  it('go on another way for an owner that begins after another one has noted a smaller number', async () => {
    const notes: (Position | undefined)[] = [undefined, undefined, undefined, undefined, undefined];
    const { inPlace, stops, moves } = begin(5, notes);
    const one = await inPlace;
    notes[3] = noteOf('w5', 5);
    await one.assertAgreed();
    notes[0] = noteOf('w5', 3);
    await assert.rejects(one.assertAgreed(), { code: 'conflict', message: /5 instead of 3/ });
    assert.throws(() => one.assertGoesOn(), /5 instead of 3/);
    assert.deepEqual([stops, moves], [[], [{ partitions: 3, id: 'w5', isMoved: false }]]);
  });

  it('go on another way where there is a partition that the log has not counted yet', async () => {
    const { inPlace, stops, moves } = begin(3, [], { there: 4 });
    const one = await inPlace;
    await assert.rejects(one.check(), { code: 'conflict', message: /4 instead of 3/ });
    assert.deepEqual([stops, moves], [[], [{ partitions: 3, id: 'w5' }]]);
  });

  it('go on as others do, by the note of those, whatever their own resource says', async () => {
    for (const id of ['w5', 'w3', 'w7']) {
      const metadata = movedNote({ id, partitions: 3 });
      const { inPlace, moves } = begin(7, [{ offset: 7, metadata }]);
      await inPlace;
      assert.deepEqual(moves, [{ partitions: 3, id, isMoved: true }]);
    }
  });

  it('go on as others do that know of partitions which this process has not heard of', async () => {
    const { inPlace, stops, moves } = begin(3, [noteOf('w5', 5)], { there: 5 });
    await inPlace;
    assert.deepEqual([stops, moves], [[], [{ partitions: 5, id: 'w5', isMoved: false }]]);
  });

  it('stop where the Topic was made anew with fewer, and name the first window without a result', async () => {
    const at = (second: number) => Date.UTC(2026, 0, 1) + second * 1000;
    const clock = (second: number) => ({ offset: 7, partitions: 3, watermark: [at(second), []] });
    // The window from 20 to 30 closes at 31, that from 25 is open.
    const { inPlace, stops } = begin(2, [noteOf('w5', 3)], { clocks: { 'w5/0': clock(31), 'w5/1': clock(34.9) } });
    await inPlace;
    assert.match(stops[0]?.why ?? '', /has 2 partitions, and had 3 when/);
    const next = stops[0]?.next ?? '';
    assert.match(next, /timestamp\(event.data.start\) >= timestamp\('2026-01-01T00:00:25\.000Z'\)/);
    assert.match(next, /"from.start: 2025-12-31T23:55:25\.000Z"/);
  });
});
