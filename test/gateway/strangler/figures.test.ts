// What a report is made of: percentiles, sliding counts, masked values, and the
// limits of what shadowing holds.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Findings } from '../../../gateway/strangler/compare/findings.ts';
import { noteOf } from '../../../gateway/strangler/evidence/difference-note.ts';
import { createLatencyHistogram } from '../../../gateway/strangler/evidence/latency-histogram.ts';
import { maskName, maskPath, maskText, maskValue } from '../../../gateway/strangler/evidence/mask.ts';
import { createTally } from '../../../gateway/strangler/evidence/tally.ts';
import { createWindowCounts } from '../../../gateway/strangler/evidence/window-counts.ts';
import { BoundedCopy } from '../../../gateway/strangler/shadow/bounded-copy.ts';
import { createShadowRoom } from '../../../gateway/strangler/shadow/shadow-room.ts';

describe('latencies', () => {
  it('give percentiles within 5%', () => {
    const durations = fc.array(fc.double({ min: 0.2, max: 800_000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(durations, values => {
        const latencies = createLatencyHistogram();
        for (const value of values) latencies.add(value);
        const sorted = values.toSorted((a, b) => a - b);
        const found = latencies.percentiles();
        for (const [name, share] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
          const off = Math.abs((found?.[name] ?? 0) - exact) / exact;
          assert.ok(off <= 0.055, `${name}: ${found?.[name]} for ${exact}`);
        }
      }),
    );
  });

  it('have nothing to say of nothing', () => assert.equal(createLatencyHistogram().percentiles(), undefined));

  it('take what is too short and too long', () => {
    const latencies = createLatencyHistogram();
    for (const value of [0, -1, 1e12]) latencies.add(value);
    assert.ok((latencies.percentiles()?.p99 ?? 0) > 0);
  });
});

describe('counts of a window', () => {
  it('are those of the window, give or take one slot', () => {
    const windowMs = 6000;
    const steps = fc.array(fc.nat(3000), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.nat(1_000_000), (gaps, start) => {
        const counts = createWindowCounts(['a', 'b'], windowMs);
        const times: number[] = [];
        let now = start;
        for (const gap of gaps) {
          now += gap;
          times.push(now);
          counts.add('a', now);
        }
        const { a, b } = counts.sums(now);
        const atLeast = times.filter(time => time > now - windowMs + windowMs / 60).length;
        const atMost = times.filter(time => time > now - windowMs - windowMs / 60).length;
        assert.ok(a >= atLeast && a <= atMost, `${a}, not between ${atLeast} and ${atMost}`);
        assert.equal(b, 0);
      }),
    );
  });
});

describe('masked values', () => {
  const rows: [unknown, string][] = [
    ['Ada Lovelace, 17', '"Aaa Aaaaaaaa, 00"'],
    ['Zoë Ünal', '"Aaa Aaaa"'],
    [12.5, '00.0'],
    [-3, '-0'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'nothing'],
    [[1, 2], 'list of 2'],
    [{}, 'empty object'],
    [{ id: 1, name: 'x' }, 'object with id, name'],
    [{ 'ada@example.com': 1 }, 'object with aaa@aaaaaaa.aaa'],
  ];
  for (const [value, masked] of rows) {
    it(`${JSON.stringify(value)} → ${masked}`, () => assert.equal(maskValue(value), masked));
  }

  it('hold no letter but a and A, and no digit but 0', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => assert.doesNotMatch(maskText(text), /[b-zB-Z1-9]/)));
  });

  it('are short, however long the value is', () => {
    fc.assert(fc.property(fc.string({ minLength: 500 }), text => assert.ok(maskValue(text).length <= 130)));
  });

  it('keep what the pattern of the route says itself', () => {
    assert.equal(maskPath('/shop/orders/a7/items', '/shop/orders/:id/items'), '/shop/orders/a0/items');
    assert.equal(maskPath('/orders/Ada/17', '/orders/*'), '/orders/Aaa/00');
  });

  it('keep names of members that look like names', () => {
    assert.deepEqual(['customerId', 'line_1', '4111-2222', 'a@b.c'].map(maskName), [
      'customerId',
      'line_1',
      '0000-0000',
      'a@a.a',
    ]);
  });
});

describe('notes on differences', () => {
  const rows: [unknown, unknown, string | undefined][] = [
    [13.04, 13.05, 'larger by less than 0.1%'],
    [100, 95, 'smaller by less than 10%'],
    [1, 2, 'larger by 10% or more'],
    [0, 1, 'larger by 10% or more'],
    [12.5, 1250, '100 times as large'],
    [1250, 12.5, '100 times smaller'],
    [17, '17', 'same value, other type'],
    [true, 'true', 'same value, other type'],
    ['Open', 'open', 'other case only'],
    ['a b', 'ab', 'other blanks only'],
    ['2026-11-25T00:00:00Z', '2026-11-25T01:00:00+01:00', 'same moment, written differently'],
    ['Ada', 'Bob', 'same form, other value'],
    ['Ada', 'Bobby', undefined],
    [{}, [], undefined],
    [undefined, 1, undefined],
  ];
  for (const [legacy, fresh, note] of rows) {
    it(`${JSON.stringify(legacy)} and ${JSON.stringify(fresh)}: ${note ?? 'nothing'}`, () =>
      assert.equal(noteOf(legacy, fresh), note));
  }
});

describe('examples', () => {
  it('are bounded in number, and none holds what was sent', () => {
    const tally = createTally(0);
    for (let index = 0; index < 1500; index++) {
      const found = new Findings();
      found.add(`/field${'x'.repeat(index)}`, 'secret', 'private');
      const noise = new Findings();
      noise.add(`/noise${'x'.repeat(index)}`, 'secret', 'private');
      const about = { method: 'GET', path: '/orders/secret', pattern: '/orders/*', trace: 'a', now: 1 };
      tally.compared(found, noise, about, 1);
    }
    const { examples, noise, places, placesLeftOut, mismatched } = tally.shadow();
    assert.deepEqual([mismatched, placesLeftOut], [1500, true]);
    assert.ok(places.length <= 50);
    assert.ok(examples.length <= 20);
    assert.ok(Object.keys(noise).length <= 50);
    assert.doesNotMatch(JSON.stringify(examples), /secret|private/);
  });
});

describe('the room for shadowing', () => {
  it('is never exceeded, and is all free in the end', () => {
    const actions = fc.array(
      fc.record({ copy: fc.nat(9), bytes: fc.integer({ min: 1, max: 400 }), done: fc.boolean() }),
    );
    fc.assert(
      fc.property(actions, each => {
        let held = 0;
        const room = createShadowRoom({ bytes: 1000, calls: 2 });
        const counted = {
          ...room,
          take: (bytes: number) => {
            const taken = room.take(bytes);
            if (taken) held += bytes;
            return taken;
          },
          giveBack: (bytes: number) => {
            held -= bytes;
            room.giveBack(bytes);
          },
        };
        const copies = Array.from({ length: 10 }, () => new BoundedCopy(counted, 500));
        for (const { copy, bytes, done } of each) {
          if (done) copies[copy]?.release();
          else copies[copy]?.add(Buffer.alloc(bytes));
          assert.ok(held >= 0 && held <= 1000);
        }
        for (const copy of copies) copy.release();
        assert.equal(held, 0);
      }),
    );
  });

  it('has so many places', () => {
    const room = createShadowRoom({ bytes: 10, calls: 2 });
    assert.deepEqual([room.enter(), room.enter(), room.enter(), room.isFull()], [true, true, false, true]);
    room.leave();
    assert.equal(room.enter(), true);
  });
});
