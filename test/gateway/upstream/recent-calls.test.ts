// How many of the newest calls of a function failed, since when, and how the newest one did.
import assert from 'node:assert/strict';
import type { CallEnd, RecentCalls } from '../../../gateway/plan/instruments.ts';
import { CallTimes } from '../../../gateway/upstream/call-times.ts';

const MINUTE = 60_000;

describe('the newest calls of a function', () => {
  let now: number;
  let times: CallTimes;
  beforeEach(() => {
    now = 1_000;
    times = new CallTimes({ now: () => now, monotonic: () => now } as never);
  });
  const end = (outcome: CallEnd, trace = 'a', answer?: { status: number; sealed: string | undefined }) =>
    times.ended({ trace: { traceId: trace } } as never, outcome, 5, answer);
  const counts = ({ calls, failed, since }: RecentCalls) => ({ calls, failed, since });

  it('count those that failed, and name the newest', () => {
    for (const outcome of ['ok', 'problem', 'failed'] as const) end(outcome);
    now += MINUTE;
    end('failed', 'b', { status: 503, sealed: 'why' });
    end('ok');
    const recent = times.recent();
    assert.deepEqual(counts(recent), { calls: 5, failed: 2, since: 1_000 });
    assert.deepEqual(recent.newest, { at: 1_000 + MINUTE, outcome: 'failed', trace: 'b', status: 503, sealed: 'why' });
  });

  it('leave out those that the function never had, or whose caller left', () => {
    end('refused');
    end('cancelled');
    assert.deepEqual(counts(times.recent()), { calls: 0, failed: 0, since: undefined });
  });

  it('leave out those for events, of which their consumers tell, and say how many ended well since', () => {
    times.ended({ trace: { traceId: 'c' }, by: 'subscription' } as never, 'failed', 5);
    end('ok');
    assert.deepEqual(counts(times.recent()), { calls: 1, failed: 0, since: undefined });
    end('failed');
    assert.equal(times.recent().wellSince, 0);
    end('ok');
    assert.equal(times.recent().wellSince, 1);
  });

  it('are forgotten after ten minutes, whether there are others or none', () => {
    end('failed');
    now += 6 * MINUTE;
    end('ok');
    assert.deepEqual(counts(times.recent()), { calls: 2, failed: 1, since: 1_000 });
    now += 6 * MINUTE;
    assert.deepEqual(counts(times.recent()), { calls: 1, failed: 0, since: undefined });
    assert.equal(times.recent().newest, undefined);
    end('timeout');
    now += 20 * MINUTE;
    assert.deepEqual(counts(times.recent()), { calls: 0, failed: 0, since: undefined });
  });

  it('have failed since the first one while there is one in each five minutes', () => {
    for (let calls = 0; calls < 10; calls++) {
      end('failed');
      now += 4 * MINUTE;
    }
    assert.equal(times.recent().since, 1_000);
  });
});
