// Each part of the wider model finds what it is there to find, in evidence
// that is wrong in one place.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { BY_SENSOR, HOOK_KEY } from '../site/wider.ts';
import { createBatches } from './batches.ts';
import { type DedupeEvidence, dedupeDifferences } from './dedupe.ts';
import { type JoinEvidence, joinDifferences } from './joins.ts';
import { createLarge } from './large.ts';
import { createMended } from './mended.ts';
import { createOrders } from './orders.ts';
import { type Appended, type Reading, readingId, readingOf } from './readings.ts';
import { createSync } from './sync.ts';
import { type WindowEvidence, type WindowResult, windowDifferences } from './windows.ts';

const BEGAN = Date.parse('2026-01-01T00:00:00Z');
const SECOND = 1000;

/** Of a sensor, so many seconds after the beginning; appended at once, or later. */
function reading(number: number, second: number, appended = second, sensor = 's'): Appended<Reading> {
  const data = readingOf(sensor, number, new Date(BEGAN + second * SECOND));
  return { id: readingId(data), data, timestamp: BEGAN + appended * SECOND };
}

describe('the wider model of chaos: windows', () => {
  const result = (
    start: number,
    count: number,
    sum: number,
    most: number,
    id = `w/${start}`,
  ): Appended<WindowResult> => {
    const data = { key: 's', start: new Date(BEGAN + start * SECOND).toISOString(), count, sum, most };
    return { id, data, timestamp: 0 };
  };
  // Values are 7, 1 and 8.
  const right: WindowEvidence = {
    rule: BY_SENSOR,
    keyOf: ({ sensor }) => sensor,
    readings: [reading(1, 0), reading(2, 1), reading(2, 1, 2), reading(3, 6)],
    results: [result(0, 2, 8, 2), result(5, 1, 8, 3)],
    late: [],
  };
  const wrong = (change: Partial<WindowEvidence>) => windowDifferences({ ...right, ...change });

  it('take what is right: an event that is published twice counts once', () => {
    assert.deepEqual(windowDifferences(right), []);
  });

  it('find an event that counts twice, is lost, or is nowhere', () => {
    assert.equal(wrong({ results: [result(0, 3, 9, 2), result(5, 1, 8, 3)] }).length, 1);
    assert.equal(wrong({ results: [result(0, 1, 7, 1), result(5, 1, 8, 3)] }).length, 1);
    assert.match(wrong({ results: [result(0, 2, 8, 2)] })[0] ?? '', /says nothing, and its events count 1, sum 8/);
    assert.match(wrong({ readings: right.readings.slice(0, 3) })[0] ?? '', /its events nothing/);
  });

  it('go by the newest result of a window', () => {
    const [early, last] = [result(0, 1, 7, 1, 'w/0'), result(0, 2, 8, 2, 'w/0/again')];
    assert.deepEqual(wrong({ results: [early, last, result(5, 1, 8, 3)] }), []);
    assert.equal(wrong({ results: [last, early, result(5, 1, 8, 3)] }).length, 1);
  });

  it('find results that say another thing under the same id', () => {
    const twice = [result(0, 1, 7, 1), result(0, 2, 8, 2), result(5, 1, 8, 3)];
    assert.match(wrong({ results: twice })[0] ?? '', /the result w\/0 says count 1, .* and then count 2/);
  });

  it('let events be late that came behind the end of their window, and no others', () => {
    const readings = [...right.readings, reading(4, 2, 30)];
    // Disorder takes 3 s: at 6 s the first window is open still, at 8 s it is not.
    assert.deepEqual(wrong({ readings, late: ['s-4'] }), ['s-4 is late, and came in order']);
    const closing = [reading(9, 8, 20, 't')];
    const results = [
      ...right.results,
      { ...result(5, 1, 11, 9), id: 't', data: { ...result(5, 1, 11, 9).data, key: 't' } },
    ];
    assert.deepEqual(wrong({ readings: [...readings, ...closing], results, late: ['s-4'] }), []);
    assert.match(wrong({ late: ['s-77'] })[0] ?? '', /never published/);
  });

  it('find an event that is late and counts', () => {
    const readings = [...right.readings, reading(4, 2, 30), reading(5, 60, 20)];
    const results = [result(0, 3, 10, 4), result(5, 1, 8, 3), result(60, 1, 9, 5)];
    assert.match(wrong({ readings, results, late: ['s-4'] })[0] ?? '', /says count 3, .* count 2/);
  });
});

describe('the wider model of chaos: dedupe and joins', () => {
  const passed = (number: number, id: string, second: number) => ({
    id,
    data: { sensor: 's', number },
    timestamp: BEGAN + second * SECOND,
  });
  const right: DedupeEvidence = {
    keyOf: readingId,
    published: [reading(1, 0), reading(1, 0, 1), reading(2, 2)],
    passed: [passed(1, 'unique/0-0', 1), passed(1, 'unique/0-0', 3), passed(2, 'unique/0-2', 3)],
    mayHaveForgotten: () => false,
  };

  it('dedupe may say the same again, and let through nothing twice', () => {
    assert.deepEqual(dedupeDifferences(right), []);
    const twice = { ...right, passed: [...right.passed, passed(1, 'unique/0-1', 2)] };
    assert.deepEqual(dedupeDifferences(twice), ['s-1 came through 2 times']);
    assert.deepEqual(dedupeDifferences({ ...twice, mayHaveForgotten: () => true }), []);
  });

  it('dedupe leaves out nothing that came for the first time, and makes nothing', () => {
    const [first, again] = right.passed;
    assert.ok(first && again);
    assert.deepEqual(dedupeDifferences({ ...right, passed: [first, again] }), ['s-2 was left out altogether']);
    const foreign = { ...right, passed: [...right.passed, passed(9, 'unique/1-1', 3)] };
    assert.deepEqual(dedupeDifferences(foreign), ['s-9 was never published']);
  });

  const price = (version: number, second: number) => ({
    id: `item-1-${version}`,
    data: { item: 'item-1', version },
    timestamp: BEGAN + second * SECOND,
  });
  const joinedWith = (version: number | null, second: number, item = 'item-1') => {
    const { data } = reading(1, 0);
    return {
      id: 'joined/0-0',
      data: { ...data, price: version === null ? null : { item, version } },
      timestamp: BEGAN + second * SECOND,
    };
  };
  const joins: JoinEvidence = {
    readings: [reading(1, 0)],
    prices: [price(1, 10), price(2, 100)],
    joined: [],
    probes: new Map(),
  };
  const joined = (...all: ReturnType<typeof joinedWith>[]) => joinDifferences({ ...joins, joined: all });

  it('joins take any version that was valid a moment ago', () => {
    for (const each of [joinedWith(null, 5), joinedWith(1, 20), joinedWith(1, 150), joinedWith(2, 150)])
      assert.deepEqual(joined(each), []);
  });

  it('joins find rows of the future, of long ago, of others, and events that are lost', () => {
    assert.match(joined(joinedWith(2, 50))[0] ?? '', /not published by then/);
    assert.match(joined(joinedWith(3, 500))[0] ?? '', /not published by then/);
    assert.match(joined(joinedWith(1, 401))[0] ?? '', /replaced long before/);
    assert.match(joined(joinedWith(null, 311))[0] ?? '', /replaced long before/);
    assert.match(joined(joinedWith(1, 20, 'item-2'))[0] ?? '', /another's/);
    assert.match(joined()[0] ?? '', /s-1 is there 1 times, and joined 0 times/);
    const twice = [joinedWith(1, 20), { ...joinedWith(1, 20), id: 'joined/0-1' }];
    assert.match(joined(...twice)[0] ?? '', /joined 2 times/);
    const probes = new Map([['s-1', 2]]);
    assert.match(joinDifferences({ ...joins, joined: [joinedWith(1, 110)], probes })[0] ?? '', /the View had 2/);
  });
});

describe('the wider model of chaos: requests that are sent again', () => {
  const callback = (result: object, key = HOOK_KEY, state = 'succeeded') => {
    const body = JSON.stringify({ state, result: { body: result } });
    const secret = Buffer.from(key.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', secret).update(`id.1.${body}`).digest('base64');
    const headers = { 'webhook-id': 'id', 'webhook-timestamp': '1', 'webhook-signature': `v1,${signature}` };
    return [body, '', headers] as const;
  };
  const done = () => {
    const orders = createOrders();
    orders.accepted(1, { id: '0-5-abc', path: '/orders/0-5-abc' });
    orders.order('{"order": 1}', '').done(true);
    orders.seen(1, '/orders/0-5-abc', 'succeeded', { order: 1, run: 1 });
    orders.told(...callback({ order: 1, run: 1 })).done(true);
    return orders;
  };

  it('take an order that ended as its callback says, wherever one asks', () => {
    const orders = done();
    orders.accepted(1, { id: '1-7-abc', path: '/orders/1-7-abc' });
    assert.deepEqual(orders.open(), ['order 1 has not ended']);
    orders.seen(1, '/orders/1-7-abc', 'succeeded', { order: 1, run: 1 });
    assert.deepEqual([...orders.open(), ...orders.wrong()], []);
  });

  it('find a second job of one key, a second result, and an end that does not stay', () => {
    const jobs = done();
    jobs.accepted(1, { id: '0-9-def', path: '/orders/0-9-def' });
    assert.match(jobs.wrong()[0] ?? '', /order 1 is 2 jobs: abc, def/);
    const results = done();
    results.seen(1, '/orders/0-5-abc', 'succeeded', { order: 1, run: 2 });
    assert.equal(results.wrong().length, 1);
    const ends = done();
    ends.seen(1, '/orders/0-5-abc', 'queued', undefined);
    assert.deepEqual(ends.wrong(), ['order 1 had ended, and is queued']);
  });

  it('find callbacks that never come, tell another end, or have a wrong signature', () => {
    const silent = createOrders();
    silent.accepted(1, { id: '0-5-abc', path: '/orders/0-5-abc' });
    assert.deepEqual(silent.open(), ['of order 1 no callback has come']);
    for (const call of [
      callback({ order: 1, run: 7 }),
      callback({ order: 1, run: 1 }, `whsec_${Buffer.from('another').toString('base64')}`),
      callback({ order: 1, run: 1 }, HOOK_KEY, 'failed'),
    ]) {
      const orders = done();
      orders.told(...call).done(true);
      assert.equal(orders.wrong().length, 1);
    }
  });
});

describe('the wider model of chaos: events that are given up', () => {
  const body = (number: number) => JSON.stringify(reading(number, 0).data);
  // 3 and 7 fail, 3 for ever.
  const failing = { holds: true, every: 4, hopelessEvery: 2, calls: 1 };

  it('find what is lost, what is dead still, and what was never published', () => {
    const mended = createMended(failing);
    mended.handler(body(1), '').done(true);
    const first = mended.handler(body(7), '');
    assert.equal(first.fails, true);
    assert.deepEqual(mended.differences(['s-1', 's-7', 's-3'], ['s-3']), ['s-7 is neither handled nor dead']);
    assert.deepEqual(mended.differences(['s-1', 's-7', 's-3'], ['s-3', 's-7']), ['s-7 is dead still']);
    assert.equal(mended.handler(body(7), '').fails, false);
    mended.handler(body(7), '').done(true);
    assert.deepEqual(mended.differences(['s-1', 's-7', 's-3'], ['s-3']), []);
    assert.deepEqual(mended.differences(['s-1', 's-7'], ['s-11']), ['s-11 is dead, and was never published']);
  });

  it('let nothing of a key overtake what is held, but what somebody skipped', () => {
    const order = [['s-1', 's-2', 's-3', 's-4', 's-5']];
    const early = (mended = createMended(failing)) => {
      for (const number of [1, 2]) mended.handler(body(number), '').done(true);
      mended.handler(body(3), '');
      mended.handler(body(4), '').done(true);
      mended.handler(body(5), '').done(true);
      return mended.outOfOrder(order);
    };
    assert.deepEqual(early(), ['s-4 began while s-3 was open']);
    assert.deepEqual(early(createMended({ ...failing, holds: false })), []);
    const skipping = createMended(failing);
    skipping.skips('s-3');
    assert.deepEqual(early(skipping), []);
  });
});

describe('the wider model of chaos: large data, batches and both sides of a Strangler', () => {
  it('find a byte that differs, data that stayed in the log, and what is not there', () => {
    const large = createLarge(4096);
    large.acknowledged(1);
    const bytes = Buffer.from(JSON.stringify(large.dataOf(1)));
    assert.deepEqual(large.differences([]), ['large-1 is not in the topic']);
    large.handler('', 'large-1', { 'ce-dataref': '/a' }).done(true);
    assert.deepEqual(large.differences([{ id: 'large-1', address: '/a', bytes }]), []);
    assert.match(large.differences([{ id: 'large-1', address: undefined, bytes }])[0] ?? '', /too large/);
    assert.match(large.differences([{ id: 'large-1', address: '/b', bytes }])[0] ?? '', /the address \/a/);
    const flipped = Buffer.from(bytes);
    flipped[500] = (flipped[500] ?? 0) ^ 1;
    assert.match(large.differences([{ id: 'large-1', address: '/a', bytes: flipped }])[0] ?? '', /not its own/);
    const never = createLarge(4096);
    assert.deepEqual(never.differences([{ id: 'large-1', address: '/a', bytes }]), ['large-1 was not delivered']);
  });

  it('find an event of a batch that nobody handled, and a result that is gone', () => {
    const batches = createBatches();
    const call = (...ids: string[]) => JSON.stringify(ids.map(id => ({ id, data: { name: 'one', part: 0 } })));
    batches.batched(call('a', 'b'), '').done(true);
    assert.deepEqual(batches.differences(['a', 'b', 'b'], []), []);
    assert.deepEqual(batches.differences(['a', 'c'], []), ['c was not handled']);
    const answer = JSON.parse(batches.part(call('x'), '').done(true));
    assert.deepEqual(answer, { results: [{ id: 'x', status: 200, data: { name: 'one', part: 0 } }] });
    batches.accepted('one', 2);
    const end = (...found: number[]) => [{ state: 'succeeded', result: { body: { name: 'one', found } } }];
    assert.deepEqual(batches.differences([], end(0, 1)), []);
    assert.deepEqual(batches.differences([], end(0)), ['one of 2 items gave [0]']);
    assert.deepEqual(batches.differences([], []), ['one of 2 items gave nothing yet']);
    assert.equal(batches.differences([], [{ state: 'failed' }, ...end(0, 1)]).length, 1);
  });

  it('find a change that legacy lacks, one that overtook another, and one that returned', () => {
    const sync = createSync();
    const change = (row: string, version: number) => JSON.stringify({ row, version });
    const changes = [1, 2].map(version => ({ row: 'r', version, fromLegacy: false }));
    sync.toLegacy(change('r', 1), '').done(true);
    assert.deepEqual(sync.differences(changes), [
      'version 2 of r has not reached legacy',
      'r is at 2, and at 1 in legacy',
    ]);
    sync.toLegacy(change('r', 2), '').done(true);
    sync.toLegacy(change('r', 1), '').done(true);
    assert.deepEqual(sync.differences(changes), []);
    const returned = [...changes, { row: 'l', version: 1, fromLegacy: true }];
    assert.deepEqual(sync.differences(returned), []);
    sync.toLegacy(change('l', 1), '').done(true);
    assert.deepEqual(sync.differences(returned), ['version 1 of l returned to legacy']);
    sync.toLegacy(change('r', 4), '');
    assert.match(sync.differences(changes)[0] ?? '', /version 4 of r came when legacy had version 2/);
  });
});
