// What pages compute before they show it: names to search by, groups of parked keys, and words.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ParkedKey } from '../../admin/parked-view.ts';
import { waysOf } from '../../console/pages/events/ways.ts';
import { groupsOf, parkedQuery } from '../../console/pages/failures/parked-groups.ts';
import { rankOf, stateOf } from '../../console/pages/resources/condition-words.ts';
import { firstOf } from '../../console/parts/first-of.ts';
import { spanWords } from '../../console/parts/words.ts';
import { shownCondition } from '../../resources/shown-condition.ts';

describe('what pages of the Console compute', () => {
  for (const [text, ways] of [
    ['17', ['id', 'key']],
    ['0-17-0123456789abcdef', ['job', 'id', 'key']],
    ['0123456789abcdef0123456789abcdef', ['trace', 'id', 'key']],
    ['0123456789ABCDEF0123456789ABCDEF', ['id', 'key']],
  ] as const)
    it(`searches ${text} by ${ways.join(', ')}`, () => assert.deepEqual(waysOf(text), ways));

  for (const [ms, words] of [
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [36_000_000 + 300_000, '10 h'],
    [86_400_000 * 2 + 3_600_000, '2 d 1 h'],
  ] as const)
    it(`says ${words} for ${ms} ms`, () => assert.equal(spanWords(ms), words));

  it('finds the first of many in an order, as sorting all of them does (property)', () => {
    const numbers = fc.array(fc.record({ rank: fc.integer({ min: 0, max: 9 }), at: fc.nat() }), { maxLength: 200 });
    const byRank = (one: { rank: number }, other: { rank: number }) => one.rank - other.rank;
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 20 }), (all, most) => {
        assert.deepEqual(firstOf(all, most, byRank), all.toSorted(byRank).slice(0, most));
      }),
    );
  });

  it('groups parked keys by consumer, state and cause, the largest first', () => {
    const key = (
      name: string,
      message: string,
      events: number,
      since: string,
      more: Partial<ParkedKey> = {},
    ): ParkedKey => ({
      id: '0-1',
      eventId: 'e',
      eventType: 't',
      consumer: { kind: 'Subscription', namespace: 'default', name },
      partition: 0,
      key: since,
      state: 'retrying',
      attempts: 1,
      events,
      since,
      reason: 'TargetFailed',
      error: 'answered 500',
      cause: { name: 'Error', message },
      ...more,
    });
    const groups = groupsOf([
      key('wall', 'no screen', 1, '2026-01-02T00:00:00Z', { nextAttemptAt: '2026-01-03T00:00:00Z' }),
      key('wall', 'no screen', 4, '2026-01-01T00:00:00Z', { nextAttemptAt: '2026-01-02T12:00:00Z' }),
      key('wall', 'no power', 2, '2026-01-01T00:00:00Z'),
      key('wall', 'no power', 9, '2026-01-01T00:00:00Z', { state: 'held' }),
      key('points', 'no power', 1, '2026-01-01T00:00:00Z'),
    ]);
    assert.deepEqual(
      groups.map(({ consumer, cause, keys, events, isHeld }) => [consumer.name, cause, keys, events, isHeld]),
      [
        ['wall', 'Error: no power', 1, 9, true],
        ['wall', 'Error: no screen', 2, 5, false],
        ['wall', 'Error: no power', 1, 2, false],
        ['points', 'Error: no power', 1, 1, false],
      ],
    );
    const { since, nextAttemptAt, text } = groups[1]!;
    assert.deepEqual([since, nextAttemptAt, text], ['2026-01-01T00:00:00Z', '2026-01-02T12:00:00Z', 'no screen']);
  });

  for (const [title, more, choose] of [
    ['a cause', { reason: 'Timeout', text: 'no screen', isHeld: false }, undefined],
    ['no words of its cause', { reason: 'Timeout', text: '', isHeld: false }, 'rows'],
    ['neither a cause nor a reason', { reason: undefined, text: undefined, isHeld: false }, 'rows'],
    ['a person to wait for', { reason: 'Timeout', text: 'no screen', isHeld: true }, 'rows'],
  ] as const)
    it(`leads to no more than a group of keys with ${title}`, () => {
      const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' };
      const { reason, text } = more;
      assert.deepEqual(parkedQuery({ consumer, ...more }, '1h'), {
        ...consumer,
        reason,
        text,
        newerThan: '1h',
        choose,
      });
    });

  it('takes the worst condition for the state of a resource', () => {
    const of = (type: 'Accepted' | 'Ready' | 'Healthy' | 'Degraded', status: 'True' | 'False' | 'Unknown') =>
      ({ type, status, reason: `${type}${status}`, message: '' }) as const;
    const unscaled = { ...of('Degraded', 'True'), reason: 'CannotScale' };
    const works = [of('Accepted', 'True'), of('Ready', 'True')];
    const states = [
      [of('Ready', 'False'), of('Healthy', 'True')],
      [...works, of('Degraded', 'True')],
      [...works, unscaled],
      [...works, unscaled, of('Healthy', 'False')],
      [...works, of('Healthy', 'Unknown')],
      [...works, of('Degraded', 'False')],
    ];
    assert.deepEqual(
      states.map(each => [stateOf(each).tone, stateOf(each).health, stateOf(each).word]),
      [
        ['bad', 'Not ready', 'ReadyFalse'],
        ['bad', 'Degraded', 'DegradedTrue'],
        ['warn', 'Degraded', 'CannotScale'],
        ['warn', 'Degraded', 'HealthyFalse'],
        ['quiet', 'Not known', 'HealthyUnknown'],
        ['good', 'Healthy', 'ReadyTrue'],
      ],
    );
    assert.deepEqual(states.map(rankOf), states.map(rankOf).toSorted());
    // A brief list has that one alone.
    const shown = states.map(each => [shownCondition(each)].filter(one => one !== undefined));
    assert.deepEqual(shown.map(stateOf), states.map(stateOf));
  });
});
