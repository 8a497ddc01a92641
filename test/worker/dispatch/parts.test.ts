// The small parts of the dispatcher, each by itself.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeLetter, encodeMark } from '../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { LetterIndex } from '../../../worker/dispatch/dead-letters/letter-index.ts';
import { findAll } from '../../../worker/dispatch/dead-letters/letter-query.ts';
import { Fifo } from '../../../worker/dispatch/fifo.ts';
import { decide, decideAside, retryWait } from '../../../worker/dispatch/lanes/attempt-rules.ts';
import { DueQueue } from '../../../worker/dispatch/lanes/due-queue.ts';
import { Lanes } from '../../../worker/dispatch/lanes/lanes.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const event = (offset: number, key: string | null = 'k') => ({
  offset,
  timestamp: 0,
  key,
  value: new Uint8Array(4),
  headers: {},
});

describe('retryWait', () => {
  const retry = (backoff: 'exponential' | 'linear' | 'constant') => ({ attempts: 9, backoff, initial: 100, max: 500 });
  const rows = [
    ['exponential', [100, 200, 400, 500, 500]],
    ['linear', [100, 200, 300, 400, 500, 500]],
    ['constant', [100, 100, 100]],
  ] as const;
  for (const [backoff, ceilings] of rows) {
    it(`${backoff}: between half and the whole of ${ceilings.join(', ')} ms`, () => {
      ceilings.forEach((ceiling, index) => {
        assert.equal(retryWait(retry(backoff), index + 1, 0), ceiling / 2);
        const longest = retryWait(retry(backoff), index + 1, 0.999);
        assert.ok(longest <= ceiling && longest > 0.99 * ceiling);
      });
    });
  }

  it('never overflows', () => {
    assert.equal(retryWait(retry('exponential'), 5000, 0), 250);
  });
});

describe('decide', () => {
  const retry = { attempts: 3, backoff: 'constant', initial: 10, max: 10 } as const;
  const failed = { kind: 'failed', retryable: true, error: { message: 'x'.repeat(5000) } } as const;

  it('retries while there are attempts left, then gives up; refused at once', () => {
    assert.deepEqual(
      [0, 1, 2, 9].map(attempts => decide(failed, attempts, retry, 0).kind),
      ['retry', 'retry', 'dead', 'dead'],
    );
    const refused = decide({ ...failed, retryable: false }, 0, retry, 0);
    assert.ok(refused.kind === 'dead' && refused.reason === 'refused' && refused.error.message.length === 1000);
  });

  it('waits as long as the destination asks, within a day, and never NaN', () => {
    const waitOf = (retryAfterMs: number) => {
      const decision = decide({ ...failed, retryAfterMs }, 0, retry, 0);
      return decision.kind === 'retry' ? decision.wait : undefined;
    };
    assert.deepEqual([7000, Number.POSITIVE_INFINITY, Number.NaN].map(waitOf), [7000, 86_400_000, 5]);
  });

  it('goes on for as long as the budget of time says, and makes the last attempt when it ends', () => {
    const within = { backoff: 'exponential', initial: 1000, max: 300_000, within: 86_400_000 } as const;
    let elapsed = 0;
    let attempts = 0;
    for (let decision = decide(failed, 0, within, 0.5, 0); decision.kind === 'retry'; attempts++) {
      elapsed += decision.wait;
      decision = decide(failed, attempts + 1, within, 0.5, elapsed);
    }
    assert.equal(elapsed, 86_400_000);
    assert.ok(attempts > 300, `${attempts} attempts`);
    assert.deepEqual(
      [decide(failed, 1, { ...retry, ...within, attempts: 2 }, 0, 5).kind],
      ['dead'],
      'whichever ends first',
    );
  });
});

describe('decideAside', () => {
  const later = { kind: 'later', down: true, afterMs: 0, error: { message: 'nobody there' } } as const;
  const retry = { attempts: 3, backoff: 'exponential', initial: 1000, max: 300_000 } as const;

  it('uses no attempt, waits longer each time, and ends after a day', () => {
    const waits = [1, 2, 3, 20].map(misses => {
      const decision = decideAside(later, { attempts: 1, misses, elapsed: 0 }, retry, 0);
      return decision.kind === 'retry' && decision.attempts === 1 ? decision.wait : undefined;
    });
    assert.deepEqual(waits, [1000, 2000, 4000, 150_000]);
    const last = decideAside(later, { attempts: 1, misses: 400, elapsed: 86_400_000 }, retry, 0);
    assert.deepEqual(
      [last.kind, 'reason' in last && last.reason, 'attempts' in last && last.attempts],
      ['dead', 'exhausted', 1],
    );
  });
});

describe('Lanes', () => {
  it('are ordered by offset whatever the order of coming, and know what is not done', () => {
    const lanes = new Lanes('key');
    lanes.addParked(event(5), Number.POSITIVE_INFINITY);
    const fresh = [2, 7, 9].map(offset => lanes.addFresh(event(offset), Number.POSITIVE_INFINITY));
    assert.deepEqual(
      fresh[0]?.lane.items.map(({ offset }) => offset),
      [2, 5, 7, 9],
    );
    assert.deepEqual(lanes.holes(), [2, 7, 9]);
    const [, seven] = fresh;
    if (seven) {
      lanes.markDone(seven);
      lanes.markDone(seven);
    }
    assert.deepEqual([lanes.holes(), lanes.freshCount, lanes.parkedKeys], [[2, 9], 2, 1]);
  });

  it('keep the bytes of what is parked, not all that was read with it', () => {
    const value = Buffer.alloc(1_000_000, 'x').subarray(1000, 1100);
    const lanes = new Lanes('key');
    const [read, followed] = [1, 2].map(offset => lanes.addFresh({ ...event(offset), value }, 0));
    const restored = lanes.addParked({ ...event(3), value }, 0);
    if (followed) lanes.countParked(followed);
    const kept = [read, followed, restored].map(item => item?.record.value.buffer.byteLength);
    assert.deepEqual(kept, [value.buffer.byteLength, 100, 100]);
    assert.deepEqual(Buffer.from(restored.record.value), value);
  });

  it('none: each event its own; partition: one for all; key: null keys each their own', () => {
    const count = (order: 'none' | 'partition' | 'key', key: string | null) => {
      const lanes = new Lanes(order);
      return new Set([1, 2, 3].map(offset => lanes.addFresh(event(offset, key), 0).lane)).size;
    };
    assert.deepEqual(
      [count('none', 'k'), count('partition', null), count('key', 'k'), count('key', null)],
      [3, 1, 1, 3],
    );
  });

  it('holes and counts are those of a plain set, whatever is done in which order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), picks => {
        const lanes = new Lanes('none');
        const items = Array.from({ length: 31 }, (_, offset) => lanes.addFresh(event(offset), 0));
        const open = new Set(items.map(({ offset }) => offset));
        for (const pick of picks) {
          const item = items[pick];
          if (item === undefined || item.state === 'gone') continue;
          lanes.markDone(item);
          lanes.remove(item);
          open.delete(pick);
        }
        assert.deepEqual(lanes.holes(), [...open]);
        assert.deepEqual([lanes.freshCount, lanes.firstOpen?.offset], [open.size, [...open][0]]);
      }),
    );
  });
});

describe('Fifo and DueQueue', () => {
  it('Fifo gives back in order what was pushed', () => {
    const fifo = new Fifo<number>();
    let expected = 0;
    for (let index = 0; index < 5000; index++) {
      fifo.push(index);
      if (index % 3 === 0) assert.equal(fifo.shift(), expected++);
    }
    assert.deepEqual(fifo.slice(1, 2), [expected + 1, expected + 2]);
    while (fifo.length > 0) assert.equal(fifo.shift(), expected++);
    assert.deepEqual([expected, fifo.shift(), fifo.peek()], [5000, undefined, undefined]);
  });

  it('Fifo knows how many there are, and what is next, also after it was asked in vain', () => {
    const fifo = new Fifo<number>();
    assert.deepEqual([fifo.shift(), fifo.shift(), fifo.length], [undefined, undefined, 0]);
    for (const item of [1, 2, 3]) fifo.push(item);
    assert.deepEqual([fifo.shift(), fifo.length, fifo.peek()], [1, 2, 2]);
    assert.deepEqual([fifo.shift(), fifo.shift(), fifo.shift(), fifo.length], [2, 3, undefined, 0]);
  });

  it('DueQueue runs everything at its time, in order of time', async () => {
    const world = createFakeWorld(0);
    const ran: [number, number][] = [];
    const queue = new DueQueue<number>(world, at => ran.push([at, world.now()]));
    const times = [50, 10, 30, 10, 90, 70, 20];
    for (const at of times) queue.add(at, at);
    await world.pass(60);
    queue.add(65, 65);
    await world.pass(60);
    const sorted = [...times, 65].sort((a, b) => a - b);
    assert.deepEqual(
      ran,
      sorted.map(at => [at, at]),
    );
  });
});

describe('DueQueue', () => {
  it('sets one timer for the first of them, none for nothing, and runs nothing once it is closed', async () => {
    const fake = createFakeWorld(0);
    const waits: number[] = [];
    const world = {
      ...fake,
      after: (ms: number, run: () => void) => {
        waits.push(ms);
        return fake.after(ms, run);
      },
    };
    const ran: number[] = [];
    const queue = new DueQueue<number>(world, at => ran.push(at));
    for (const at of [50, 90, 50, 20]) queue.add(at, at);
    await fake.pass(100);
    assert.deepEqual(
      [ran, waits],
      [
        [20, 50, 50, 90],
        [50, 20, 30, 40],
      ],
    );
    queue.add(200, 200);
    queue.close();
    await fake.pass(200);
    assert.deepEqual(ran, [20, 50, 50, 90]);
    new DueQueue<number>(world, at => ran.push(at)).close();
  });
});

describe('LetterIndex', () => {
  const letter = (generation: number, held = false) => {
    const { partition, ...rest } = encodeLetter({
      partition: 0,
      offset: 5,
      generation,
      reason: 'refused',
      error: undefined,
      attempts: 1,
      at: 0,
      held,
      record: event(5),
    });
    return { ...rest, timestamp: 0, partition };
  };
  const mark = (generation: number) => ({ ...encodeMark('redriven', 0, 5, generation), timestamp: 0 });
  const fold = (...records: readonly object[]) => {
    const index = new LetterIndex(10);
    for (const [offset, record] of records.entries()) {
      index.add(0, { key: null, value: new Uint8Array(0), headers: {}, timestamp: 0, ...record, offset });
    }
    return findAll(index, {}, 0).map(({ generation, held }) => `${generation}${held ? ' held' : ''}`);
  };
  const rows: readonly [string, readonly object[], readonly string[]][] = [
    ['a letter twice is one', [letter(0), letter(0)], ['0']],
    ['a mark takes it out', [letter(0), mark(0)], []],
    ['a late copy does not bring it back', [letter(0), mark(0), letter(0)], []],
    ['the next generation does', [letter(0), mark(0), letter(1), letter(0)], ['1']],
    ['what was skipped is not held again by a late copy', [letter(0, true), letter(0), letter(0, true)], ['0']],
  ];
  for (const [name, records, expected] of rows) it(name, () => assert.deepEqual(fold(...records), expected));

  it('knows nothing of an event any more of which a later release has written, and forgets that with its record', () => {
    const index = new LetterIndex(10);
    const later = (line: object) => ({ ...letter(0), headers: { 'tenfold-dead': JSON.stringify({ v: 2, ...line }) } });
    const lines = [letter(0), later({ event: 5, type: 'purged' }), letter(1), later({}), later({ event: 5 })];
    for (const [offset, record] of lines.entries()) index.add(0, { ...record, offset });
    assert.equal(index.size, 0);
    assert.deepEqual(
      [...index.later].map(([id, { at, version }]) => [id, at, version]),
      [
        ['0@3', 3, 2],
        ['0-5', 4, 2],
      ],
    );
    index.forgetBefore(0, 4);
    assert.deepEqual([...index.later.keys()], ['0-5']);
  });
});
