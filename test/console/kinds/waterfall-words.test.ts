// The page of an Aggregate computes words, orders and places before it shows a waterfall.
import assert from 'node:assert/strict';
import { barOf, inOrder, partOutcome } from '../../../console/pages/kinds/aggregate/part-words.ts';
import { msWords } from '../../../console/parts/words.ts';
import type { PartReport } from '../../../gateway/plan/requests-report.ts';

const part = (name: string, more: Partial<PartReport> = {}): PartReport => ({
  name,
  outcome: 'ok',
  waitsFor: [],
  ...more,
});

describe('a waterfall of parts', () => {
  const outcomes: Record<string, [Partial<PartReport>, tone: string, word: string, note: string | undefined]> = {
    'its own answer': [{ beganMs: 0 }, 'good', 'ok', undefined],
    'an answer that was kept': [{ ageMs: 12_400 }, 'good', 'from the cache', '12 s old'],
    'an old answer': [{ outcome: 'stale', ageMs: 75_000 }, 'warn', 'old answer', '75 s old'],
    'a fallback': [{ outcome: 'fallback', reason: 'timeout' }, 'warn', 'fallback', 'no answer in time'],
    'a failure with its status': [
      { outcome: 'failed', reason: 'no-answer', status: 500 },
      'bad',
      'failed',
      'no valid answer, status 500',
    ],
    'a timeout': [{ outcome: 'failed', reason: 'timeout' }, 'bad', 'timeout', 'no answer in time'],
    'a second call': [{ hedged: true }, 'good', 'ok', 'called again as it was slow'],
    'a condition': [{ outcome: 'skipped', reason: 'condition' }, 'quiet', 'not needed', 'its condition does not hold'],
    'a part that it needs': [
      { outcome: 'skipped', reason: 'input' },
      'warn',
      'not called',
      'a part that it needs has no answer',
    ],
    'another part that failed': [
      { outcome: 'skipped', reason: 'cancelled', beganMs: 0 },
      'quiet',
      'given up',
      'the request ended before',
    ],
  };
  for (const [title, [more, tone, word, note]] of Object.entries(outcomes))
    it(`says in words that a part ended by ${title}`, () => {
      assert.deepEqual(partOutcome(part('a', more)), { tone, word, note });
    });

  it('has the parts in the order of their calls, one that was not called after those that it waited for', () => {
    const parts = [
      part('late', { beganMs: 50, tookMs: 10 }),
      part('gift', { outcome: 'skipped', reason: 'condition', waitsFor: ['order'] }),
      part('order', { beganMs: 0, tookMs: 20 }),
      part('after-gift', { outcome: 'skipped', reason: 'condition', waitsFor: ['gift'] }),
    ];
    assert.deepEqual(
      inOrder(parts).map(({ name }) => name),
      ['order', 'gift', 'after-gift', 'late'],
    );
  });

  it('puts each bar onto the axis, wide enough to see', () => {
    assert.deepEqual(barOf(25, 50, 100), { left: '25.00%', width: '50.00%' });
    assert.deepEqual(barOf(100, 0, 100), { left: '99.00%', width: '1.00%' });
    assert.deepEqual(barOf(0, 0, 0), { left: '0.00%', width: '100.00%' });
  });

  it('writes times as people read them', () => {
    assert.deepEqual([0.26, 8.44, 12.6, 999.6, 1_254].map(msWords), ['0.3 ms', '8.4 ms', '13 ms', '1 s', '1.25 s']);
  });
});
