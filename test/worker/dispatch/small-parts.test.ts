// Small parts of a dispatcher: lists of commands, who makes room, whose turn it is, and the limits
// that follow from settings.
import assert from 'node:assert/strict';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { addTo, takeFrom } from '../../../worker/dispatch/commands/offset-lists.ts';
import { TurnQueue } from '../../../worker/dispatch/lanes/lane-queue.ts';
import type { Lane, LaneItem, Lanes } from '../../../worker/dispatch/lanes/lanes.ts';
import { mostTried } from '../../../worker/dispatch/lanes/most-tried.ts';
import { parkedFiguresOf } from '../../../worker/dispatch/lanes/parked-figures.ts';
import { keysTakeTurns, shareOf, turnOf } from '../../../worker/dispatch/lanes/parties.ts';
import { defaultLimits } from '../../../worker/dispatch/limits.ts';
import { createTotals } from '../../../worker/dispatch/view.ts';
import { settingsFor } from './harness.ts';

const recordOf = (key: string | null): LogRecord => ({
  offset: 0,
  timestamp: 0,
  key,
  value: new Uint8Array(0),
  headers: {},
});
const itemOf = (some: Partial<LaneItem> = {}): LaneItem => {
  const lane = { key: 'k', items: [], running: undefined } as unknown as Lane;
  return { state: 'parked', pending: 0, attempts: 9, lane, record: recordOf('k'), ...some } as LaneItem;
};
const laneOf = (key: string | null): Lane => ({ items: [itemOf({ record: recordOf(key) })] }) as unknown as Lane;

describe('lists of commands by their event', () => {
  it('have each command once it is added and until it is taken, and no list is empty', () => {
    const lists = new Map<number, number[]>();
    for (const offset of [5, 6, 7]) addTo(lists, 1, offset);
    addTo(lists, 2, 8);
    assert.deepEqual(
      [...lists],
      [
        [1, [5, 6, 7]],
        [2, [8]],
      ],
    );
    assert.deepEqual([takeFrom(lists, 1, 8), takeFrom(lists, 3, 5), takeFrom(lists, 1, 6)], [false, false, true]);
    assert.deepEqual(
      [...lists],
      [
        [1, [5, 7]],
        [2, [8]],
      ],
    );
    assert.deepEqual([takeFrom(lists, 1, 5), takeFrom(lists, 1, 7), takeFrom(lists, 1, 7)], [true, true, false]);
    assert.deepEqual([...lists], [[2, [8]]]);
  });
});

describe('parked events that make room', () => {
  it('are those that wait and were tried often, the most tried first', () => {
    const running = itemOf({ attempts: 30 });
    running.lane.running = running;
    const besideRunning = itemOf({ attempts: 8 });
    besideRunning.lane.running = running;
    const nine = [itemOf(), itemOf()];
    const twelve = itemOf({ attempts: 12 });
    const others = [
      itemOf({ attempts: 7 }),
      itemOf({ state: 'held' }),
      itemOf({ state: 'fresh' }),
      itemOf({ pending: 1 }),
    ];
    const all = [besideRunning, ...nine, ...others, twelve, running];
    const found = [...mostTried(all)];
    assert.equal(found.length, 4);
    for (const [index, item] of [twelve, ...nine, besideRunning].entries()) assert.equal(found[index], item);
  });
});

describe('the figures of what is parked', () => {
  const figuresOf = (items: readonly LaneItem[], firstOpen?: LaneItem) =>
    parkedFiguresOf({ firstOpen, inParkingLog: new Map(items.entries()) } as unknown as Lanes);
  const at = (timestamp: number, some: Partial<LaneItem> = {}) =>
    itemOf({ record: { ...recordOf('k'), timestamp }, attempts: 1, ...some });

  it('know the oldest event, wherever it is', () => {
    assert.equal(figuresOf([]).oldest, Number.POSITIVE_INFINITY);
    assert.equal(figuresOf([at(9), at(3), at(7)]).oldest, 3);
    assert.equal(figuresOf([at(9), at(3)], at(5)).oldest, 3);
    assert.equal(figuresOf([at(9)], at(5)).oldest, 5);
  });

  it('count what failed or waits for a person, by its key, and nothing that is not parked', () => {
    const followers = [at(1, { attempts: 0 }), at(2, { state: 'fresh' })];
    const held = at(3, { state: 'held', attempts: 0, since: 8 });
    const { parkedEvents, failingKeys, held: heldKeys, heldFirst } = figuresOf([...followers, held, at(4)]);
    assert.deepEqual([parkedEvents, failingKeys, heldKeys, heldFirst?.since], [3, 1, 1, 8]);
  });

  it('tell the failure of the first event of a key, and the key that has failed for longest', () => {
    const [one, other] = [itemOf().lane, itemOf().lane];
    const failed = (offset: number, lane: Lane, since: number | undefined, message = 'a') =>
      at(1, { offset, lane, since, lastError: { message } });
    const items = [failed(5, one, 10), failed(3, one, 50), failed(7, other, 60)];
    for (const all of [items, items.toReversed()]) {
      const { failingKeys, failedFirst } = figuresOf(all);
      assert.deepEqual([failingKeys, failedFirst?.since], [2, 50]);
    }
    const both = figuresOf([failed(5, one, 10, 'first'), failed(7, other, 10, 'second')]);
    assert.equal(both.failedFirst?.error?.message, 'first');
    assert.equal(figuresOf([failed(5, one, undefined)]).failedFirst, undefined);
  });
});

describe('parties', () => {
  it('have the name and the weight that settings give them, found once', () => {
    let asked = 0;
    const by = (record: LogRecord) => {
      asked++;
      return record.key ?? undefined;
    };
    const item = itemOf({ record: recordOf('a') });
    const find = shareOf({ by, weight: () => 3 });
    assert.deepEqual([find(item), find(item), asked], [{ name: 'a', weight: 3 }, { name: 'a', weight: 3 }, 1]);
    assert.deepEqual(shareOf({ by })(itemOf({ record: recordOf(null) })), { name: '', weight: 1 });
  });

  it('are keys only where these have no order, and no share is declared', () => {
    const share = { by: () => 'a' };
    const turns = (settings: Parameters<typeof keysTakeTurns>[0]) => [
      keysTakeTurns(settings),
      turnOf(settings)(laneOf('a')),
    ];
    assert.deepEqual(turns({ order: 'none', share: undefined }), [true, 'a']);
    for (const settings of [
      { order: 'none', share },
      { order: 'key', share: undefined },
    ] as const)
      assert.deepEqual(turns(settings), [false, '']);
    const find = turnOf({ order: 'none', share: undefined });
    assert.deepEqual([find(laneOf(null)), find({ items: [] } as unknown as Lane)], ['', '']);
  });
});

describe('a queue of lanes', () => {
  it('gives parties their turns, and says what is next', () => {
    const queue = new TurnQueue(({ key }) => key);
    assert.deepEqual([queue.hasOpen, queue.length, queue.take(() => assert.fail())], [false, 0, undefined]);
    const lanes = ['a', 'a', 'b'].map(key => ({ key }) as Lane);
    for (const lane of lanes) queue.push(lane);
    assert.deepEqual([queue.hasOpen, queue.length, queue.rank, queue.peek() === lanes[0]], [true, 3, 0, true]);
    const taken: Lane[] = [];
    const item = itemOf();
    const begin = (lane: Lane) => {
      taken.push(lane);
      return item;
    };
    for (let count = 0; count < 3; count++) assert.equal(queue.take(begin), item);
    assert.deepEqual(
      taken.map(lane => lanes.indexOf(lane)),
      [0, 2, 1],
    );
    queue.close();
  });
});

describe('the limits of a dispatcher', () => {
  it('hold two calls for each that may be in flight, from a least to a most', () => {
    const fresh = (some: Parameters<typeof settingsFor>[0]) => defaultLimits(settingsFor(some)).freshEvents;
    const batch = (size: number) => ({ size, wait: 0, maxSize: 1 });
    assert.deepEqual([fresh({ concurrency: 8 }), fresh({ concurrency: 300 })], [512, 600]);
    assert.deepEqual([fresh({ concurrency: 8, batch: batch(100) }), fresh({ concurrency: 9000 })], [1600, 16_384]);
    assert.deepEqual([fresh({ order: 'none' }), fresh({ share: { by: () => 'a' } })], [4096, 4096]);
  });

  it('are those that the docs and benches speak of', () => {
    const { freshBytes, parkingLogBytes, metadataBytes } = defaultLimits(settingsFor());
    assert.deepEqual([freshBytes, parkingLogBytes, metadataBytes], [33_554_432, 67_108_864, 4080]);
  });
});

describe('the totals of a dispatcher', () => {
  it('begin with nothing, and failures are counted apart from those that used up no attempt', () => {
    const totals = createTotals();
    totals.failuresBy.Busy++;
    assert.deepEqual([totals.failuresBy.Busy, totals.uncountedBy.Busy, totals.attempts], [1, 0, 0]);
    const { failuresBy: _, uncountedBy: __, ...counts } = totals;
    assert.deepEqual(
      Object.values(counts),
      Object.values(counts).map(() => 0),
    );
  });
});
