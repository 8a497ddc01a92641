// Of every error code and every status: whether it is an attempt, and whose fault it may be.
import assert from 'node:assert/strict';
import { type Code, errorCodes, TenfoldError } from '../../../core/errors.ts';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { errorToOutcome, toOutcome } from '../../../worker/deliver/to-outcome.ts';
import { answerOf } from './items.ts';

/**
 * `final`: an attempt, and the last one. `attempt`: the event's. `lost`, `status`: an attempt
 * unless the target is down for all. `asked`: none, all wait. `down`: none, nothing was delivered.
 */
type Meaning = 'done' | 'final' | 'attempt' | 'lost' | 'status' | 'asked' | 'down';

function meaningOf(outcome: Outcome): Meaning {
  if (outcome.kind === 'done') return 'done';
  if (outcome.kind === 'later') return outcome.down ? 'down' : 'asked';
  return outcome.retryable ? (outcome.doubt ?? 'attempt') : 'final';
}

const CODES: Readonly<Record<Code, Meaning>> = {
  'bad-request': 'final',
  'invalid-input': 'final',
  'invalid-event': 'final',
  'invalid-resource': 'final',
  'invalid-expression': 'final',
  'invalid-query': 'final',
  unauthenticated: 'final',
  forbidden: 'final',
  'not-found': 'final',
  'unknown-function': 'down',
  'unknown-version': 'final',
  'method-not-allowed': 'final',
  'not-acceptable': 'final',
  'expectation-failed': 'final',
  'head-too-large': 'final',
  'in-progress': 'attempt',
  conflict: 'final',
  gone: 'final',
  'precondition-failed': 'final',
  'body-too-large': 'final',
  'unsupported-media-type': 'final',
  'key-reused': 'final',
  'query-too-large': 'final',
  'too-many-requests': 'asked',
  internal: 'final',
  'expression-failed': 'final',
  'data-corrupt': 'final',
  'storage-unusable': 'down',
  unsupported: 'final',
  'job-failed': 'final',
  'bad-gateway': 'lost',
  'auth-unavailable': 'down',
  'function-crashed': 'down',
  'log-unavailable': 'down',
  'store-unavailable': 'down',
  'cluster-unavailable': 'down',
  'later-release': 'down',
  'function-off': 'down',
  'not-ready': 'down',
  'circuit-open': 'asked',
  overloaded: 'asked',
  'shutting-down': 'asked',
  'loop-detected': 'final',
  'request-timeout': 'attempt',
  timeout: 'lost',
};

describe('what an error means for an event', () => {
  for (const code of Object.keys(errorCodes) as Code[]) {
    it(`${code}: ${CODES[code]}`, () => {
      assert.equal(meaningOf(errorToOutcome(new TenfoldError(code, 'no'))), CODES[code]);
    });
    it(`${code} of a call that reached nobody: no attempt`, () => {
      const outcome = errorToOutcome(new TenfoldError(code, 'no', { undelivered: true }));
      assert.equal(meaningOf(outcome), 'down');
    });
    it(`${code} of a call that can never be made: the last attempt, whatever the code`, () => {
      for (const undelivered of [false, true]) {
        const outcome = errorToOutcome(new TenfoldError(code, 'no', { undelivered, unsendable: true }));
        assert.equal(meaningOf(outcome), 'final');
        assert.ok(outcome.kind === 'failed' && outcome.doubt === undefined);
      }
    });
  }

  it('an error that is not ours: the call was lost, and nothing of it is shown', () => {
    const outcome = errorToOutcome(new Error('secret'));
    assert.equal(meaningOf(outcome), 'lost');
    assert.ok(outcome.kind === 'failed' && !outcome.error.message.includes('secret'));
  });
});

describe('what a status means for an event', () => {
  const expected = (status: number): Meaning => {
    if (status < 300) return 'done';
    if (status === 429) return 'asked';
    if ([408, 502, 503, 504].includes(status)) return 'status';
    return status === 425 || status >= 500 ? 'attempt' : 'final';
  };
  it('each from 200 to 599', () => {
    for (let status = 200; status < 600; status++) {
      assert.equal(meaningOf(toOutcome(answerOf(status), 0)), expected(status), `${status}`);
    }
  });

  it('each with Retry-After: 429 and 503 are about the target, others about the event', () => {
    for (let status = 200; status < 600; status++) {
      const outcome = toOutcome(answerOf(status, '', ['retry-after', '7']), 0);
      const whole = status === 429 || status === 503;
      assert.equal(meaningOf(outcome), whole ? 'asked' : expected(status), `${status}`);
      if (outcome.kind === 'later') assert.equal(outcome.afterMs, 7_000);
      if (outcome.kind === 'failed' && outcome.retryable) assert.equal(outcome.retryAfterMs, 7_000);
    }
  });
});
