// The pure rules of the dispatcher, each at the edges where it changes its mind.
import assert from 'node:assert/strict';
import type { Failed, Later } from '../../../../worker/deliver/destination.ts';
import { type CommandFacts, stepOf } from '../../../../worker/dispatch/commands/command-rules.ts';
import {
  bearerOf,
  type Circumstances,
  clampWait,
  decide,
  decideAside,
  expiresAt,
  halves,
  isWholeFailure,
  mayAttempt,
  mustFollow,
  type RuledItem,
} from '../../../../worker/dispatch/lanes/attempt-rules.ts';
import type { RetrySettings } from '../../../../worker/dispatch/settings.ts';

const error = { message: 'no' };
const failed = (some: Partial<Failed> = {}): Failed => ({ kind: 'failed', retryable: true, error, ...some });
const later = (some: Partial<Later> = {}): Later => ({ kind: 'later', afterMs: 0, error, ...some });

describe('who bears that a call was no success', () => {
  const calm: Circumstances = {
    open: false,
    sure: false,
    doubtedMs: 0,
    patienceMs: 86_400_000,
    counted: false,
    asksAlone: 0,
    single: false,
  };
  const open = { open: true };
  const sure = { open: true, sure: true };
  const counted = { ...sure, counted: true };
  const rows: readonly [string, Failed | Later, Partial<Circumstances>, string][] = [
    ['its own target is away', later({ down: true, own: true }), sure, 'aside'],
    ['its own target asks for a pause', later({ own: true }), {}, 'aside'],
    ['nobody there, others are answered', later({ down: true }), {}, 'aside'],
    ['nobody there for anybody', later({ down: true }), open, 'target'],
    [
      'nobody there for anybody, however often it asked before',
      later({ down: true }),
      { ...open, asksAlone: 9 },
      'target',
    ],
    ['a pause is asked for', later(), { asksAlone: 2 }, 'target'],
    ['a pause is asked for by it alone', later(), { asksAlone: 3 }, 'aside'],
    ['a pause is asked for, as by other single events', later(), { single: true }, 'aside'],
    ['an answer', failed(), {}, 'attempt'],
    ['an answer while the breaker is open', failed(), sure, 'attempt'],
    ['a doubt while others are answered', failed({ doubt: 'status' }), {}, 'attempt'],
    ['a doubt that many share', failed({ doubt: 'lost' }), { ...sure, doubtedMs: 86_399_999 }, 'target'],
    ['a doubt that many share, for too long', failed({ doubt: 'lost' }), { ...sure, doubtedMs: 86_400_000 }, 'attempt'],
    ['lost as many are, attempts are limited', failed({ doubt: 'lost' }), { ...counted, doubtedMs: 599_999 }, 'target'],
    [
      'lost as many are for ten minutes, attempts are limited',
      failed({ doubt: 'lost' }),
      { ...counted, doubtedMs: 600_000 },
      'attempt',
    ],
    [
      'a status that many have for ten minutes, attempts are limited',
      failed({ doubt: 'status' }),
      { ...counted, doubtedMs: 600_000 },
      'attempt',
    ],
    [
      'lost as many are, attempts and a short time are limited',
      failed({ doubt: 'lost' }),
      { ...counted, doubtedMs: 5, patienceMs: 5 },
      'attempt',
    ],
    [
      'nobody there for anybody for days, attempts are limited',
      later({ down: true }),
      { ...counted, doubtedMs: 1e9 },
      'target',
    ],
    ['a lone doubt', failed({ doubt: 'status' }), { ...open, doubtedMs: 599_999 }, 'target'],
    ['a lone doubt for ten minutes', failed({ doubt: 'status' }), { ...open, doubtedMs: 600_000 }, 'attempt'],
    [
      'a lone doubt, less than a short budget',
      failed({ doubt: 'status' }),
      { ...open, doubtedMs: 4, patienceMs: 5 },
      'target',
    ],
    [
      'a lone doubt, as long as a short budget',
      failed({ doubt: 'status' }),
      { ...open, doubtedMs: 5, patienceMs: 5 },
      'attempt',
    ],
    ['lost alone', failed({ doubt: 'lost' }), open, 'attempt'],
  ];
  for (const [name, outcome, about, bearer] of rows)
    it(`${name}: ${bearer}`, () => assert.equal(bearerOf(outcome, { ...calm, ...about }), bearer));
});

describe('what follows from a failure', () => {
  const times: RetrySettings = { backoff: 'constant', initial: 1000, max: 1000 };
  const told = (decision: ReturnType<typeof decide>) =>
    decision.kind === 'retry' ? `retry in ${decision.wait}` : decision.reason;
  const rows: readonly [string, RetrySettings, Failed, number, number, string][] = [
    ['no budget', times, failed(), 1000, 1e12, 'retry in 500'],
    ['attempts are left', { ...times, attempts: 3 }, failed(), 1, 1e12, 'retry in 500'],
    ['the last attempt was made', { ...times, attempts: 3 }, failed(), 2, 0, 'exhausted'],
    ['time is left', { ...times, within: 10_000 }, failed(), 1000, 9_000, 'retry in 500'],
    ['less time is left than a pause has', { ...times, within: 10_000 }, failed(), 1, 9_999.5, 'retry in 1'],
    ['the time is over', { ...times, within: 10_000 }, failed(), 1, 10_000, 'exhausted'],
    ['both are declared, time is over', { ...times, attempts: 9, within: 10_000 }, failed(), 1, 10_000, 'exhausted'],
    ['a longer pause is asked for', times, failed({ retryAfterMs: 700 }), 1, 0, 'retry in 700'],
    ['a shorter pause is asked for', times, failed({ retryAfterMs: 300 }), 1, 0, 'retry in 500'],
    ['nothing to try again', times, failed({ retryable: false }), 0, 0, 'refused'],
    ['called off', times, failed({ retryable: false, cancelled: true }), 0, 0, 'cancelled'],
  ];
  for (const [name, retry, outcome, before, elapsed, expected] of rows)
    it(`${name}: ${expected}`, () => {
      const decision = decide(outcome, before, retry, 0, elapsed);
      assert.deepEqual([told(decision), decision.attempts], [expected, before + 1]);
    });

  it('keeps the message of a failure, at most 1,000 characters of it, and its status', () => {
    const kept = (length: number) =>
      decide(failed({ error: { status: 500, message: 'x'.repeat(length) } }), 0, times, 0);
    assert.deepEqual(
      [1000, 1001].map(length => kept(length).error),
      [1000, 1000].map(length => ({ status: 500, message: 'x'.repeat(length) })),
    );
  });

  const aside: readonly [string, RetrySettings, Later, number, string][] = [
    ['a day has not passed', { ...times, attempts: 1 }, later(), 86_399_999, 'retry in 1'],
    ['a day has passed', { ...times, attempts: 1 }, later(), 86_400_000, 'exhausted'],
    ['its own budget of time ends', { ...times, within: 5_000 }, later(), 5_000, 'exhausted'],
    ['the target says when to come again', times, later({ afterMs: 700 }), 0, 'retry in 700'],
  ];
  for (const [name, retry, outcome, elapsed, expected] of aside)
    it(`without an attempt, ${name}: ${expected}`, () => {
      const decision = decideAside(outcome, { attempts: 4, misses: 2, elapsed }, retry, 0);
      assert.deepEqual([told(decision), decision.attempts], [expected, 4]);
    });

  it('pauses grow with attempts and with waits together', () => {
    const retry = { backoff: 'linear', initial: 1000, max: 60_000 } as const;
    assert.equal(told(decideAside(later(), { attempts: 4, misses: 2, elapsed: 0 }, retry, 0)), 'retry in 3000');
  });

  it('nobody is believed who asks for more than a day, or for less than nothing', () => {
    assert.deepEqual([-5, 0, 5, 86_400_000, 86_400_001].map(clampWait), [0, 0, 5, 86_400_000, 86_400_000]);
  });
});

describe('a batch that failed', () => {
  it('failed whole where each event did', () => {
    assert.deepEqual(
      [
        [failed(), failed()],
        [failed(), later()],
        [failed(), { kind: 'done' } as const],
      ].map(isWholeFailure),
      [true, false, false],
    );
  });

  it('is cut in two, the first part being the longer one, and a single event is not cut', () => {
    assert.deepEqual([[1, 2, 3, 4], [1, 2, 3], [1]].map(halves), [
      [
        [1, 2],
        [3, 4],
      ],
      [[1, 2], [3]],
      [[1]],
    ]);
  });
});

describe('when an event is too old', () => {
  const record = (headers: Readonly<Record<string, string>> = {}) => ({
    offset: 0,
    timestamp: 1000,
    key: null,
    value: new Uint8Array(0),
    headers,
  });
  const rows: readonly [string, Readonly<Record<string, string>>, number | undefined, number][] = [
    ['never', {}, undefined, Number.POSITIVE_INFINITY],
    ['by maxAge', {}, 500, 1500],
    ['by its own time', { ce_expirytime: '1970-01-01T00:00:03Z' }, undefined, 3000],
    ['by what comes first', { ce_expirytime: '1970-01-01T00:00:03Z' }, 500, 1500],
    ['by maxAge, where its own time is none', { ce_expirytime: 'soon' }, 500, 1500],
  ];
  for (const [name, headers, maxAge, at] of rows) it(name, () => assert.equal(expiresAt(record(headers), maxAge), at));
});

describe('the order within a lane', () => {
  const item = (offset: number, state: RuledItem['state'] = 'fresh', pending = 0): RuledItem => ({
    offset,
    state,
    pending,
  });
  const head = item(5);
  const lane = (some: { running?: RuledItem; parked?: number; items?: RuledItem[] } = {}) => ({
    items: some.items ?? [head],
    running: some.running,
    parked: some.parked ?? 0,
  });
  const attempts: readonly [string, RuledItem, number, RuledItem | undefined, boolean][] = [
    ['fresh', item(5), 0, undefined, true],
    ['fresh, while another runs', item(5), 0, item(4), false],
    ['fresh, while something of it is on its way to the parking log', item(5, 'fresh', 1), 0, undefined, false],
    ['parked, before the source was read past it', item(5, 'parked'), 5, undefined, false],
    ['parked, when the source was read past it', item(5, 'parked'), 6, undefined, true],
    ['parked, while something of it is on its way to the parking log', item(5, 'parked', 1), 6, undefined, false],
    ['held', item(5, 'held'), 6, undefined, false],
    ['gone', item(5, 'gone'), 6, undefined, false],
  ];
  for (const [name, of, read, running, expected] of attempts)
    it(`attempts it: ${name}: ${expected}`, () => {
      assert.equal(mayAttempt(lane(running ? { running } : {}), of, read), expected);
    });

  const second = item(7);
  const behind = lane({ parked: 1, items: [head, second] });
  const follows: readonly [string, Parameters<typeof mustFollow>, boolean][] = [
    ['behind a parked one', ['key', behind, second], true],
    ['where nothing of its key is parked', ['key', lane({ items: [head, second] }), second], false],
    ['where events of a key need no order', ['none', behind, second], false],
    ['where the partition has one order', ['partition', behind, second], false],
    ['at the head', ['key', behind, head], false],
    ['while it runs', ['key', { ...behind, running: second }, second], false],
    ['while another runs', ['key', { ...behind, running: head }, second], true],
    ['on its way already', ['key', behind, { ...second, pending: 1 }], false],
    ['parked already', ['key', behind, { ...second, state: 'parked' }], false],
  ];
  for (const [name, args, expected] of follows)
    it(`sends it to the parking log: ${name}: ${expected}`, () => assert.equal(mustFollow(...args), expected));
});

describe('what to do about a command', () => {
  const none: CommandFacts = {
    acted: false,
    entry: undefined,
    item: undefined,
    running: false,
    isFirst: true,
    hasRead: false,
    isBehind: false,
    decided: undefined,
  };
  const item = (state: RuledItem['state'], pending = 0): Partial<CommandFacts> => ({
    item: { offset: 1, state, pending },
  });
  const entry = (state: 'parked' | 'held' | 'dead', generation = 0): Partial<CommandFacts> => ({
    entry: { state, generation, since: 1 },
  });
  const rows: readonly ['cancel' | 'redrive' | 'skip' | 'purge', string, Partial<CommandFacts>, string][] = [
    ['cancel', 'in the parking log already', { acted: true }, 'tell'],
    ['cancel', 'not read yet', {}, 'wait'],
    ['cancel', 'read, and gone', { hasRead: true }, 'nothing'],
    ['cancel', 'not read, and given up', entry('dead'), 'nothing'],
    ['cancel', 'not read, and parked by a former owner', entry('parked'), 'wait'],
    ['cancel', 'being attempted', { ...item('fresh'), running: true }, 'flag'],
    ['cancel', 'on its way to the parking log', item('fresh', 1), 'wait'],
    ['cancel', 'waiting', item('fresh'), 'give-up'],
    ['redrive', 'in the parking log already', { acted: true }, 'tell'],
    ['redrive', 'redriven since', entry('parked', 1), 'nothing'],
    ['redrive', 'its letter is not confirmed', entry('dead'), 'wait'],
    ['redrive', 'on its way to the parking log', item('held', 1), 'wait'],
    ['redrive', 'waiting for an attempt', item('parked'), 'nothing'],
    ['redrive', 'held', item('held'), 'redrive'],
    ['redrive', 'held, in the same generation', { ...item('held'), ...entry('held') }, 'redrive'],
    ['skip', 'held', item('held'), 'give-up'],
    ['purge', 'held', item('held'), 'give-up'],
    ['redrive', 'behind another', { isBehind: true, decided: false }, 'wait'],
    ['redrive', 'nobody knows', {}, 'look-up'],
    ['redrive', 'decided since', { decided: true }, 'nothing'],
    ['redrive', 'not decided', { decided: false }, 'redrive'],
    ['purge', 'held, behind another', { ...item('held'), isBehind: true }, 'wait'],
    ['purge', 'nobody knows', {}, 'look-up'],
    ['purge', 'decided since', { decided: true }, 'nothing'],
    ['purge', 'not decided', { decided: false }, 'tell'],
    ['skip', 'not in the parking log', {}, 'nothing'],
  ];
  for (const [verb, name, facts, step] of rows)
    it(`${verb}, ${name}: ${step}`, () => assert.equal(stepOf({ verb, generation: 0 }, { ...none, ...facts }), step));
});
