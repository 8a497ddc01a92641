// What the log says of failed attempts and of events that are given up: enough to find each, and no
// more lines than somebody reads.
import assert from 'node:assert/strict';
import { logAs } from '../../../server/events/reports/dispatch-log.ts';
import { limitedLines } from '../../../server/events/reports/limited-lines.ts';
import type { FailedAttempt } from '../../../worker/dispatch/failed-attempt.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
const attempt: FailedAttempt = {
  partition: 2,
  record: { offset: 17, key: 'boom', headers: { ce_id: 'e-1', traceparent } },
  attempt: 3,
  reason: 'TargetFailed',
  error: {
    status: 500,
    message: 'Something went wrong on our side',
    cause: { name: 'Error', message: 'no price for boom', at: 'menu.ts:12:9', trace: TRACE },
  },
  at: 0,
  next: Date.parse('2026-11-29T10:00:01Z'),
};

describe('the log of a consumer', () => {
  let now: number;
  let lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[];
  const create = () => {
    now = 0;
    lines = [];
    return logAs({ monotonic: () => now }, 'Subscription/shop/receipts', (level, message, fields) =>
      lines.push({ level, message, fields }),
    );
  };

  it('has a line for a failed attempt: which event, why, and when it is tried again', () => {
    create().failed(attempt);
    assert.deepEqual(lines, [
      {
        level: 'warn',
        message: 'an attempt at an event failed',
        fields: {
          consumer: 'Subscription/shop/receipts',
          id: '2-17',
          event: 'e-1',
          key: 'boom',
          attempt: 3,
          reason: 'TargetFailed',
          status: 500,
          error: 'Something went wrong on our side',
          cause: 'Error: no price for boom at menu.ts:12:9',
          trace: TRACE,
          next: '2026-11-29T10:00:01.000Z',
        },
      },
    ]);
  });

  it('names the trace of an event whose target told no cause, and says that it was given up', () => {
    const error = { message: 'No complete answer within 500 ms.', status: 504 };
    create().failed({ ...attempt, reason: 'Timeout', error, next: undefined, givenUp: 'exhausted' });
    const fields = lines[0]?.fields ?? {};
    assert.deepEqual(
      [fields['trace'], fields['givenUp'], 'cause' in fields, 'next' in fields],
      [TRACE, 'exhausted', false, false],
    );
  });

  it('has at most ten such lines in ten seconds, and the next says how many were left out', () => {
    const log = create();
    for (let number = 1; number <= 25; number++) log.failed({ ...attempt, attempt: number });
    assert.equal(lines.length, 10);
    now = 9_999;
    log.failed(attempt);
    assert.equal(lines.length, 10);
    now = 10_000;
    log.failed(attempt);
    log.failed(attempt);
    assert.deepEqual(
      lines.slice(10).map(({ fields }) => fields['leftOut']),
      [16, undefined],
    );
  });

  it('has the cause with an event that is given up, which is never left out', () => {
    const log = create();
    for (let number = 1; number <= 25; number++) log.failed(attempt);
    const { partition, error } = attempt;
    log.deadLettered({
      ...{ partition, offset: 17, generation: 0, reason: 'exhausted', error, attempts: 3, at: 0, held: false },
      record: { ...attempt.record, timestamp: 0, value: new Uint8Array(0) },
    });
    assert.partialDeepStrictEqual(lines.at(-1), {
      message: 'an event was given up',
      fields: { event: 'e-1', key: 'boom', cause: 'Error: no price for boom at menu.ts:12:9', trace: TRACE },
    });
  });
});

describe('limited lines', () => {
  it('begin a new stretch with the first line after the last', () => {
    let now = 0;
    const due = limitedLines(() => now, { most: 1, everyMs: 100 });
    assert.deepEqual([due(), due(), due()], [0, undefined, undefined]);
    now = 250;
    assert.deepEqual([due(), due()], [2, undefined]);
    now = 349;
    assert.equal(due(), undefined);
    now = 350;
    assert.equal(due(), 2);
  });
});
