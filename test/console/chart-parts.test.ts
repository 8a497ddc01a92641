// The minutes that a page keeps for its charts, and the words of a chart.
import assert from 'node:assert/strict';
import { axisTime, chartWords, rangeOf, timeWords } from '../../console/parts/chart-words.ts';
import { type Moment, meanOf, perSecond, STEP_MS, valuesOf, withMoment } from '../../console/parts/history.ts';

const MINUTE = 60_000;

/** One at each step. */
const historyOf = (...values: readonly Moment['values'][]) =>
  values.reduce<readonly Moment[]>(
    (history, each, index) => withMoment(history, { at: 1_000 + index * STEP_MS, values: each }),
    [],
  );
const counts = (...all: readonly (number | undefined)[]) => historyOf(...all.map(n => ({ n })));

describe('the minutes that a page keeps', () => {
  it('are the last fifteen, however long it is open', () => {
    let history: readonly Moment[] = [];
    for (let at = 0; at <= 60 * MINUTE; at += STEP_MS) history = withMoment(history, { at, values: {} });
    assert.equal(history.length, (15 * MINUTE) / STEP_MS + 1);
    assert.equal(history[0]?.at, 45 * MINUTE);
  });

  it('have a hole where nobody looked at the page, and begin anew after a clock was set back', () => {
    const first = { at: 10 * MINUTE, values: { n: 1 } };
    const second = { at: 12 * MINUTE, values: { n: 2 } };
    const both = withMoment([first], second);
    assert.deepEqual(valuesOf(both, 'n'), [1, null, 2]);
    assert.deepEqual(perSecond(both, 'n'), [null, null, null]);
    assert.deepEqual(withMoment(both, { at: 1, values: {} }), [{ at: 1, values: {} }]);
  });

  it('say how much a count grew each second', () => {
    assert.deepEqual(perSecond(counts(10, 20, 20, undefined, 40, 45), 'n'), [null, 2, 0, null, null, 1]);
  });

  it('take neither a process that began anew nor another one for a change', () => {
    assert.deepEqual(perSecond(counts(100, 5, 10, 100, 110), 'n'), [null, null, 1, null, 2]);
    assert.deepEqual(perSecond(counts(100, 5, 100, 5, 10), 'n'), [null, null, null, null, 1]);
  });

  it('say what each one took on average, where there were some', () => {
    const history = historyOf({ ms: 0, calls: 0 }, { ms: 30, calls: 2 }, { ms: 30, calls: 2 }, { ms: 40, calls: 3 });
    assert.deepEqual(meanOf(history, 'ms', 'calls'), [null, 15, null, 10]);
  });
});

describe('the words of a chart', () => {
  const at = Date.UTC(2026, 10, 24, 7, 30, 5, 250);
  const DAY = 24 * 60 * MINUTE;
  for (const [step, words] of [
    [100, '07:30:05.250'],
    [1_000, '07:30:05'],
    [MINUTE, '07:30'],
    [DAY, '2026-11-24'],
    [31 * DAY, '2026-11'],
    [366 * DAY, '2026'],
  ] as const)
    it(`name ${words} at an axis with ${step} ms from mark to mark`, () =>
      assert.equal(axisTime(at, step, true), words));

  it('name the day at midnight, and times in UTC or by the clock of the page', () => {
    assert.equal(axisTime(Date.UTC(2026, 10, 24), 60 * MINUTE, true), '11-24');
    assert.equal(timeWords(at, true), '2026-11-24T07:30:05.250Z'.replace(/\.\d+/, ''));
    const { hours, minutes } = { hours: new Date(at).getHours(), minutes: new Date(at).getMinutes() };
    assert.equal(timeWords(at, false), [hours, minutes, 5].map(each => String(each).padStart(2, '0')).join(':'));
  });

  it('say the newest value and the range of each line', () => {
    const lines = [
      { name: 'orders', values: [3, 1, null] },
      { name: 'failed', values: [null, null, null] },
    ];
    assert.deepEqual(rangeOf(lines[0]!), { newest: 1, low: 1, high: 3 });
    assert.equal(
      chartWords('Each second', [at, at + 5_000, at + 10_000], lines, String, true),
      'Each second: 3 points from 2026-11-24T07:30:05Z to 2026-11-24T07:30:15Z. orders: newest 1, between 1 and 3. failed: not known',
    );
  });
});
