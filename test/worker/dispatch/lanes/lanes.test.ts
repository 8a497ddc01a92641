// What lanes say of the events in them, compared with plain lists.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Lanes } from '../../../../worker/dispatch/lanes/lanes.ts';

const event = (offset: number, key: string | null = 'k') => ({
  offset,
  timestamp: 0,
  key,
  value: new Uint8Array(4),
  headers: {},
});

describe('what Lanes count', () => {
  it('is what a plain list of events says, whatever becomes of each', () => {
    const step = fc.record({
      what: fc.constantFrom('read', 'restore', 'park', 'done', 'remove'),
      offset: fc.nat(12),
      key: fc.constantFrom('a', 'b', null),
      read: fc.nat(15),
    });
    fc.assert(
      fc.property(fc.constantFrom('key', 'none', 'partition'), fc.array(step, { maxLength: 60 }), (order, steps) => {
        const lanes = new Lanes(order);
        const items = new Map<number, ReturnType<Lanes['addFresh']>>();
        const [fresh, parked] = [new Set<number>(), new Set<number>()];
        let next = 0;
        for (const { what, offset, key, read } of steps) {
          const item = items.get(offset);
          if (what === 'read') {
            while (items.has(next)) next++;
            items.set(next, lanes.addFresh(event(next, key), 0));
            fresh.add(next++);
          } else if (what === 'restore' && item === undefined && offset >= next) {
            items.set(offset, lanes.addParked(event(offset, key), 0));
            parked.add(offset);
          } else if (what === 'park' && item && fresh.has(offset) && !parked.has(offset)) {
            lanes.countParked(item);
            parked.add(offset);
          } else if (what === 'done' && item) {
            lanes.markDone(item);
            fresh.delete(offset);
          } else if (what === 'remove' && item && item.state !== 'gone') {
            lanes.markDone(item);
            lanes.remove(item);
            fresh.delete(offset);
            parked.delete(offset);
          }
          const bytesOf = (offsets: Iterable<number>) =>
            [...offsets].reduce((sum, each) => sum + 504 + (items.get(each)?.record.key?.length ?? 0), 0);
          const keys = new Set([...parked].map(each => items.get(each)?.lane));
          assert.deepEqual(lanes.fresh, { count: fresh.size, bytes: bytesOf(fresh) });
          assert.deepEqual([lanes.freshCount, lanes.freshBytes], [fresh.size, bytesOf(fresh)]);
          assert.deepEqual([lanes.parkedKeys, lanes.parkedBytes], [keys.size, bytesOf(parked)]);
          assert.deepEqual(new Set(lanes.inParkingLog.keys()), parked);
          assert.deepEqual([lanes.holes(), lanes.firstOpen?.offset], [[...fresh], [...fresh][0]]);
          assert.equal(lanes.settledBelow(read), Math.min(read, ...fresh, ...parked));
          for (const each of items.keys())
            assert.equal(lanes.findFresh(each)?.offset, fresh.has(each) ? each : undefined);
          for (const { lane } of items.values()) {
            const offsets = lane.items.map(each => each.offset);
            assert.deepEqual(
              offsets,
              [...offsets].sort((a, b) => a - b),
            );
          }
        }
      }),
    );
  });

  it('begins a new lane for a key of which nothing is left', () => {
    const lanes = new Lanes('key');
    const [first, second] = [lanes.addFresh(event(1), 0), lanes.addFresh(event(2), 0)];
    assert.equal(first.lane, second.lane);
    lanes.remove(second);
    assert.equal(lanes.addFresh(event(3), 0).lane, first.lane);
    for (const item of [...first.lane.items]) lanes.remove(item);
    const fourth = lanes.addFresh(event(4), 0);
    assert.notEqual(fourth.lane, first.lane);
    lanes.remove(first);
    assert.equal(lanes.addFresh(event(5), 0).lane, fourth.lane, 'removed twice takes out no other lane');
  });
});
