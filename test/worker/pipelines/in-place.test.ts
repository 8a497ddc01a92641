// When windows that count events in place notice that somebody else has counted with another number
// of partitions.
import assert from 'node:assert/strict';
import type { Position } from '../../../drivers/event-log/event-log.ts';
import { countInPlace, type InPlaceInit, inPlaceNote, type Stop } from '../../../worker/pipelines/window/in-place.ts';

describe('windows counted in place', () => {
  const begin = (partitions: number, notes: (Position | undefined)[], clocks: Record<string, object> = {}) => {
    const stops: Stop[] = [];
    const log = {
      bounds: async () => Array.from({ length: partitions }, () => ({ start: 0, end: 0 })),
      positions: async () => notes,
      offsetAt: async () => 0,
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
    };
    return { inPlace: countInPlace(init), stops };
  };
  const noteOf = (id: string, partitions: number): Position => ({
    offset: 7,
    metadata: inPlaceNote(id, 0, partitions),
  });

  it('stop an owner that begins after another one has noted a smaller number', async () => {
    const notes: (Position | undefined)[] = [undefined, undefined, undefined, undefined, undefined];
    const { inPlace, stops } = begin(5, notes);
    const one = await inPlace;
    notes[3] = noteOf('w5', 5);
    await one.assertAgreed();
    notes[0] = noteOf('w5', 3);
    await assert.rejects(one.assertAgreed(), { code: 'conflict', message: /has 5 partitions, and had 3 when/ });
    assert.throws(() => one.assertGoesOn(), /has 5 partitions, and had 3 when/);
    assert.equal(stops.length, 1);
  });

  it('stop where there is a partition that the log has not counted yet', async () => {
    const { inPlace, stops } = begin(3, []);
    const one = await inPlace;
    await assert.rejects(one.check(), { code: 'conflict', message: /has 4 partitions, and had 3 when/ });
    assert.equal(stops.length, 1);
  });

  it('name the first window without a result, and begin some minutes before', async () => {
    const at = (second: number) => Date.UTC(2026, 0, 1) + second * 1000;
    const clock = (second: number) => ({ offset: 7, partitions: 3, watermark: [at(second), []] });
    // The window from 20 to 30 closes at 31, that from 25 is open.
    const { inPlace, stops } = begin(5, [], { 'w5/0': clock(31), 'w5/1': clock(40), 'w5/2': clock(34.9) });
    await inPlace;
    const next = stops[0]?.next ?? '';
    assert.match(next, /timestamp\(event.data.start\) >= timestamp\('2026-01-01T00:00:25\.000Z'\)/);
    assert.match(next, /"from.start: 2025-12-31T23:55:25\.000Z"/);
  });
});
