// What is told of a failed attempt: its reason by the outcome, and what becomes of the event.
import assert from 'node:assert/strict';
import type { Failed, Later } from '../../../worker/deliver/destination.ts';
import { type FailureReason, failureReasonOf } from '../../../worker/dispatch/failed-attempt.ts';
import { Settled } from './lanes/settled.ts';

const error = (status?: number) => (status === undefined ? { message: 'm' } : { status, message: 'm' });
const failed = (status?: number, more: Partial<Failed> = {}): Failed => ({
  kind: 'failed',
  retryable: true,
  error: error(status),
  ...more,
});
const later = (status: number, more: Partial<Later> = {}): Later => ({
  kind: 'later',
  afterMs: 1_000,
  error: error(status),
  ...more,
});

const reasons: [what: string, outcome: Failed | Later, reason: FailureReason][] = [
  ['an answer with 500', failed(500), 'TargetFailed'],
  ['a result of an event without a status', failed(), 'TargetFailed'],
  ['an answer with 422', failed(422, { retryable: false }), 'Rejected'],
  ['an answer with 504', failed(504, { doubt: 'status' }), 'Timeout'],
  ['an answer with 408', failed(408, { doubt: 'status' }), 'Timeout'],
  ['no answer in time', failed(504, { doubt: 'lost' }), 'Timeout'],
  ['a connection that ended', failed(502, { doubt: 'lost' }), 'Unreachable'],
  ['no answer for an unknown reason', failed(undefined, { doubt: 'lost' }), 'Unreachable'],
  ['an answer with 503', failed(503, { doubt: 'status' }), 'Unreachable'],
  ['an answer with 500 that leaves in doubt who bears it', failed(500, { doubt: 'status' }), 'TargetFailed'],
  ['a target that is not there', later(503, { down: true }), 'Unreachable'],
  ['a target that asks for a pause', later(503), 'Busy'],
  ['a target that takes no more', later(429), 'Busy'],
  ['an event that a person cancelled', failed(undefined, { retryable: false, cancelled: true }), 'Cancelled'],
];

describe('the reason of a failed attempt', () => {
  for (const [what, outcome, reason] of reasons)
    it(`is ${reason} for ${what}`, () => assert.equal(failureReasonOf(outcome), reason));
});

describe('a failed attempt', () => {
  it('is told with the time of the next one, and is the newest failure of the consumer', () => {
    const settled = new Settled();
    settled.settle(settled.item({ attempts: 1 }), failed(500));
    const [told] = settled.failed;
    assert.partialDeepStrictEqual(told, { partition: 4, attempt: 2, reason: 'TargetFailed', at: settled.world.now() });
    assert.ok((told?.next ?? 0) > settled.world.now());
    assert.equal(told?.givenUp, undefined);
    assert.equal(settled.newest.failure, told);
  });

  it('is told with the reason for which the event is given up', () => {
    const settled = new Settled();
    settled.settle(settled.item({ attempts: 2 }), failed(500));
    settled.settle(settled.item(), failed(422, { retryable: false }));
    assert.deepEqual(
      settled.failed.map(({ attempt, givenUp, next }) => [attempt, givenUp, next]),
      [
        [3, 'exhausted', undefined],
        [1, 'refused', undefined],
      ],
    );
  });

  it('is told of an event that waits with all others, too, without its data', () => {
    const settled = new Settled().isDown();
    settled.settle(settled.item(), later(503, { down: true }));
    const [told] = settled.failed;
    assert.equal(told?.reason, 'Unreachable');
    assert.ok(told && !('value' in told.record));
  });

  it('is none that was handled, nor of a batch that is looked through for the one that fails', () => {
    const settled = new Settled();
    settled.settle(settled.item(), { kind: 'done' });
    settled.settlement.settle([settled.item(), settled.item()], [failed(500), failed(500)]);
    assert.deepEqual(settled.failed, []);
    assert.equal(settled.newest.failure, undefined);
  });
});
