// Reports of one consumer from several processes, put together.
import assert from 'node:assert/strict';
import { mergeReports } from '../../../server/events/reports/shared-reports.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';

describe('reports of a consumer that several processes have', () => {
  it('are added up, and say what is worst', () => {
    const own = fakeConsumer('wall', { lag: 1, oldestAgeMs: 5, delivered: 2, deadLetters: 7 });
    const other = fakeConsumer('wall', {
      lag: 10,
      oldestAgeMs: 50,
      delivered: 20,
      state: 'stopped',
      lastError: 'full',
    });
    assert.partialDeepStrictEqual(mergeReports(own, [other, other]), {
      state: 'stopped',
      lastError: 'full',
      lag: 21,
      oldestAgeMs: 50,
      delivered: 42,
      inFlight: 3,
      // Of the log: the same for all.
      deadLetters: 7,
    });
  });

  it('know nothing of what nobody knows, and leave out who has no part of it', () => {
    const own = fakeConsumer('wall', { state: 'starting', lag: undefined, oldestAgeMs: undefined });
    assert.equal(mergeReports(own, []), own);
    assert.partialDeepStrictEqual(mergeReports(own, [{ ...own, state: 'running' }]), {
      state: 'running',
      lag: undefined,
      oldestAgeMs: undefined,
    });
    assert.equal(mergeReports(own, [{ ...own, lag: 4 }]).lag, 4);
  });
});
