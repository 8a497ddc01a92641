// Which events the next call is made of: turns of those that are new, failed before or never ended;
// parts of batches; and batches that wait to fill.
import assert from 'node:assert/strict';
import type { LaneItem } from '../../../../worker/dispatch/lanes/lanes.ts';
import { Lanes } from '../../../../worker/dispatch/lanes/lanes.ts';
import { ReadyQueue, type Turn } from '../../../../worker/dispatch/lanes/ready-queue.ts';
import { Shares } from '../../../../worker/dispatch/lanes/shares.ts';
import type { DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { Simulation } from '../../../simulation/kernel/simulation.ts';

const ANY: Turn = { first: 'turns', again: true, hung: true };

/** What an event of so many bytes costs in all. */
const costOf = (bytes: number) => 500 + 1 + bytes;

class Ready {
  readonly simulation = new Simulation(1);
  readonly lanes = new Lanes('none');
  readonly line: ReadyQueue;
  announced = 0;
  #offset = 0;

  constructor(
    batch?: DispatchSettings['batch'],
    share?: DispatchSettings['share'],
    order: DispatchSettings['order'] = 'none',
  ) {
    const { world } = this.simulation.process('p');
    const shares = share && new Shares(share.max);
    this.line = new ReadyQueue(world, { batch, order, share }, shares, () => this.announced++);
  }

  item(some: Partial<LaneItem> = {}, key = 'k', bytes = 1): LaneItem {
    const record = { offset: this.#offset++, timestamp: 0, key, value: new Uint8Array(bytes), headers: {} };
    return Object.assign(this.lanes.addFresh(record, Number.POSITIVE_INFINITY), some);
  }

  push(some: Partial<LaneItem> = {}, key = 'k', bytes = 1): LaneItem {
    const item = this.item(some, key, bytes);
    this.line.push(item.lane);
    return item;
  }

  /** Offsets of the next call. */
  take(turn: Turn = ANY, limit = 1000): number[] {
    return this.line.take(limit, turn, ({ items }) => items[0]).map(({ offset }) => offset);
  }
}

/** Three of each kind; the kinds that calls were made of, in turn. */
function kindsOf(turn: Turn, count = 9): string {
  const ready = new Ready();
  const kinds = new Map<number | undefined, string>();
  for (let time = 0; time < 3; time++) {
    kinds.set(ready.push().offset, 'new');
    kinds.set(ready.push({ wasTried: true }).offset, 'again');
    kinds.set(ready.push({ wasTried: true, hung: true }).offset, 'hung');
  }
  assert.equal(ready.line.length, 9);
  const taken = Array.from({ length: count }, () => kinds.get(ready.take(turn)[0]) ?? '-');
  assert.equal(ready.line.length, taken.filter(kind => kind === '-').length + 9 - count);
  return taken.join(' ');
}

describe('the line of lanes that are ready', () => {
  it('takes turns of what is new and what is not, and among that of what failed and what never ended', () => {
    assert.equal(kindsOf(ANY), 'new again new hung new again hung hung again');
  });

  it('begins with what is new, or with what was tried before, where it is told to', () => {
    assert.equal(kindsOf({ ...ANY, first: 'new' }), 'new new new hung again again hung hung again');
    assert.equal(kindsOf({ ...ANY, first: 'again' }), 'again again hung hung again hung new new new');
  });

  it('gives nothing of what may not come now', () => {
    assert.equal(kindsOf({ first: 'turns', again: false, hung: false }, 4), 'new new new -');
    assert.equal(kindsOf({ first: 'again', again: true, hung: false }, 7), 'again again again new new new -');
    assert.equal(kindsOf({ first: 'again', again: false, hung: true }, 7), 'hung hung hung new new new -');
  });

  it('says whether it has anything, and anything new', () => {
    const ready = new Ready();
    assert.deepEqual([ready.line.length, ready.line.hasNew], [0, false]);
    ready.push({ wasTried: true });
    assert.deepEqual([ready.line.length, ready.line.hasNew, ready.announced], [1, false, 1]);
    ready.push();
    assert.deepEqual([ready.line.length, ready.line.hasNew, ready.announced], [2, true, 2]);
    ready.line.pushSplits([[ready.item()]]);
    assert.deepEqual([ready.line.length, ready.announced], [3, 3]);
  });

  it('lets parties take turns', () => {
    const ready = new Ready(undefined, { by: ({ key }) => key ?? undefined });
    for (const key of ['a', 'a', 'a', 'b']) ready.push({}, key);
    assert.deepEqual([ready.take(), ready.take(), ready.take(), ready.take(), ready.take()], [[0], [3], [1], [2], []]);
  });

  it('takes lanes as they come where each key has one', () => {
    const ready = new Ready(undefined, undefined, 'key');
    for (const key of ['a', 'a', 'b']) ready.push({}, key);
    assert.deepEqual([ready.take(), ready.take(), ready.take()], [[0], [1], [2]]);
  });

  it('bears lanes that were emptied meanwhile, in batches too', () => {
    for (const batch of [undefined, { size: 2, wait: 0, maxSize: 1e6 }]) {
      const ready = new Ready(batch);
      const empty = ready.item();
      ready.lanes.remove(empty);
      ready.line.push(empty.lane);
      const emptied = ready.push();
      ready.lanes.remove(emptied);
      ready.push();
      assert.deepEqual(ready.take(), [2]);
    }
  });

  it('is closed though it waits for nothing', () => {
    new Ready().line.close();
  });

  it('passes over lanes that have nothing after all', () => {
    const ready = new Ready();
    for (let time = 0; time < 3; time++) ready.push();
    const taken = ready.line.take(9, ANY, ({ items }) => (items[0]?.offset === 2 ? items[0] : undefined));
    assert.deepEqual(
      taken.map(({ offset }) => offset),
      [2],
    );
    assert.equal(ready.line.length, 0);
  });
});

describe('parts of a batch that failed whole', () => {
  it('come before all else where what failed may come, whole or as much as may be called now', () => {
    const ready = new Ready();
    const items = Array.from({ length: 5 }, () => ready.item());
    ready.push();
    ready.line.pushSplits([items.slice(0, 2), items.slice(2)]);
    assert.deepEqual(ready.take({ first: 'new', again: false, hung: false }), [5]);
    assert.deepEqual(ready.take({ first: 'new', again: true, hung: false }, 2), [0, 1]);
    assert.deepEqual(ready.take({ first: 'new', again: false, hung: true }, 2), [2, 3]);
    assert.deepEqual([ready.take(ANY, 2), ready.take(ANY, 2)], [[4], []]);
  });
});

describe('batches', () => {
  const size = { size: 3, wait: 100, maxSize: 1e6 };

  it('are full at once, or as full as they are when the first of them has waited long enough', async () => {
    const ready = new Ready(size);
    assert.deepEqual(ready.take(), []);
    for (let time = 0; time < 4; time++) ready.push();
    assert.deepEqual(ready.take(), [0, 1, 2]);
    assert.deepEqual(ready.take(), []);
    const { announced } = ready;
    await ready.simulation.pass(60);
    ready.push();
    await ready.simulation.pass(39);
    assert.deepEqual([ready.take(), ready.announced], [[], announced + 1]);
    await ready.simulation.pass(1);
    assert.deepEqual([ready.announced, ready.take()], [announced + 2, [3, 4]]);
  });

  it('count their wait from the first that came to an empty line', async () => {
    const ready = new Ready(size);
    await ready.simulation.pass(1000);
    ready.push();
    assert.deepEqual(ready.take(), []);
  });

  it('wait for nothing where they are told so, and hold no more than may be called now', () => {
    const ready = new Ready({ ...size, wait: 0 });
    for (let time = 0; time < 3; time++) ready.push();
    assert.deepEqual([ready.take(ANY, 2), ready.take(), ready.take()], [[0, 1], [2], []]);
  });

  it('have as many bytes as they may, and one event at least', () => {
    const ready = new Ready({ ...size, maxSize: 2 * costOf(10) });
    ready.push({}, 'k', 10);
    ready.push({}, 'k', 10);
    for (const bytes of [10, 11, 5000, 1, 1]) ready.push({}, 'k', bytes);
    assert.deepEqual([ready.take(), ready.take(), ready.take(), ready.take()], [[0, 1], [2], [3], [4]]);
    assert.deepEqual(ready.take(), [], 'it waits for more');
  });

  it('leave out lanes that have nothing after all, and wait for nothing once closed', async () => {
    const ready = new Ready(size);
    for (let time = 0; time < 3; time++) ready.push();
    const taken = ready.line.take(9, ANY, ({ items }) => (items[0]?.offset === 1 ? undefined : items[0]));
    assert.deepEqual(
      taken.map(({ offset }) => offset),
      [0, 2],
    );
    ready.push();
    assert.deepEqual(ready.take(), []);
    const { announced } = ready;
    ready.line.close();
    await ready.simulation.pass(1000);
    assert.equal(ready.announced, announced);
  });
});
