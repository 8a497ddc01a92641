// How a Subscription is doing, and a dead letter and a parked key of it, as the admin API has them.
import type { DeadLetterDetail } from '../../admin/commands/dead-letter-view.ts';
import type { ConsumerReport } from '../../admin/event-view.ts';
import type { FailureReport } from '../../admin/failure-view.ts';
import type { ParkedKey } from '../../admin/parked-view.ts';

export function fakeConsumer(name: string, more: Partial<ConsumerReport> = {}): ConsumerReport {
  return {
    kind: 'Subscription',
    namespace: 'default',
    name,
    topic: 'default.orders',
    target: `function ${name}`,
    state: 'running',
    lastError: undefined,
    pausedByCommand: false,
    lag: 3,
    oldestAgeMs: 61_500,
    inFlight: 1,
    parkedKeys: 1,
    parkedEvents: 2,
    deadLetters: 0,
    delivered: 40,
    attempts: 44,
    failures: 4,
    ...more,
  };
}

export function fakeLetter(id: string, more: Partial<DeadLetterDetail> = {}): DeadLetterDetail {
  return {
    id,
    consumer: { kind: 'Subscription', namespace: 'default', name: 'wall' },
    key: 'table-7',
    reason: 'exhausted',
    error: 'no such screen\u001b[31m',
    status: 500,
    attempts: 8,
    at: '2026-11-25T00:00:00.000Z',
    held: false,
    redriven: 0,
    eventId: 'e1',
    eventType: 'OrderCreated',
    event: { specversion: '1.0', id: 'e1', source: '/till', type: 'OrderCreated', data: { cups: 0 } },
    headers: { ce_id: 'e1', 'content-type': 'application/json' },
    data: { text: '{"cups":0}' },
    ...more,
  };
}

export function fakeParked(id: string, more: Partial<ParkedKey> = {}): ParkedKey {
  return {
    consumer: { kind: 'Subscription', namespace: 'default', name: 'wall' },
    partition: Number(id.split('-')[0]),
    key: 'table-7',
    events: 3,
    id,
    eventId: 'e1',
    eventType: 'OrderCreated',
    state: 'retrying',
    attempts: 4,
    since: '2026-11-25T00:00:00.000Z',
    nextAttemptAt: '2026-11-25T00:01:00.000Z',
    reason: 'TargetFailed',
    error: 'no such screen\u001b[31m',
    status: 500,
    ...more,
  };
}

/** What a consumer tells of the newest attempt that failed. */
export const fakeFailure: FailureReport = {
  at: '2026-11-29T10:00:00.000Z',
  id: '0-17',
  key: 'boom',
  attempt: 2,
  reason: 'TargetFailed',
  error: 'Something went wrong on our side',
  status: 500,
  cause: { name: 'Error', message: 'no price for boom', at: 'menu.ts:12:9', trace: 'abc' },
};
