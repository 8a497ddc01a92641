// The report of a night: what it makes of the three boards.
import assert from 'node:assert/strict';
import { createTestContext, deliver } from 'tenfold/testing';
import nightlyReport from '../nightly-report.ts';

const board =
  (...items: readonly { member: string; score: number; value?: { name: string } }[]) =>
  () => ({ items });
const context = createTestContext({
  views: {
    'coffee-lovers': board({ member: 'c-1', score: 5, value: { name: 'Ada' } }, { member: 'c-2', score: 2 }),
    'coffee-origins': board({ member: 'Ethiopia', score: 7 }),
    'coffee-methods': board(),
  },
});

describe('the nightly report', () => {
  it('has the best of each board', async () => {
    const due = {
      specversion: '1.0' as const,
      id: '2026-12-01T02:00:00.000Z',
      source: '/schedules/queues/nightly-report/nightly',
      type: 'dev.tenfold.schedule.due',
      data: { night: '2026-12-01T02:00:00.000Z' },
    };
    assert.deepEqual((await deliver(nightlyReport, due, context)).body, {
      night: '2026-12-01T02:00:00.000Z',
      lovers: ['Ada: 5', 'c-2: 2'],
      origins: ['Ethiopia: 7'],
      methods: [],
    });
  });
});
