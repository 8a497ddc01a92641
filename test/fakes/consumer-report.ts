// How a Subscription is doing, and a dead letter of it, as the admin API has them.
import type { ConsumerReport, DeadLetterDetail } from '../../admin/event-view.ts';

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
