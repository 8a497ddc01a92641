// The settings of every consumer of events or jobs: order, pace, batches, retries, expiry, dead
// letters, parking.
import * as z from 'zod';
import { type DefaultBudget, eventRetry } from '../calls/retry.ts';
import { expression } from '../fields/expression.ts';
import { reference } from '../fields/names.ts';
import { duration, rate, size } from '../fields/units.ts';

export function batch() {
  return z.strictObject({
    size: z
      .int()
      .min(1)
      .max(10_000)
      .describe(
        'Largest number of events in one call. The function answers for each; a batch that fails whole is halved until the bad event is alone.',
      ),
    wait: duration({ max: '5m' }).prefault('0s').describe('How long an incomplete batch waits for further events.'),
    maxSize: size().prefault('1Mi').describe('Largest body of one call, in bytes.'),
  });
}

export function deadLetter() {
  return z.strictObject({
    topic: reference('Topic')
      .optional()
      .describe('A Topic that dead letters are published to as well, for others to subscribe to.'),
    retention: duration({ min: '1m' }).prefault('14d').describe('How long dead letters are kept.'),
  });
}

const ENDS = 'reading goes on when a parked event has been handled or given up';
/**
 * The behaviour at the limit; see "A full parking log" in docs/decisions/2026-11-25-dispatcher.md.
 */
const WHEN_FULL: Readonly<Record<DefaultBudget, string>> = {
  time: `At the limit nothing more is read until there is room, and an alert says so. To make room, each second one of a hundred parked keys loses its event to the dead letters. The keys that were tried most often go first, after 8 attempts at least. Their errors say so. With \`retry.attempts\` or \`onExhausted: hold\` no event makes room: ${ENDS}.`,
  attempts: `At the limit nothing more is read until there is room, and an alert says so: ${ENDS}.`,
};

function parking(budget: DefaultBudget) {
  return z.strictObject({
    maxKeys: z
      .int()
      .min(1)
      .max(10_000_000)
      .prefault(10_000)
      .describe(`Keys that may be parked at the same time. ${WHEN_FULL[budget]}`),
    maxSize: size().prefault('1Gi').describe(`Bytes of parked events. ${WHEN_FULL[budget]}`),
  });
}

/**
 * How failures end; the same for all that deliver events but for the budget that
 * holds where none is declared.
 */
export function failureFields(budget: DefaultBudget) {
  return {
    retry: eventRetry(budget)
      .prefault({})
      .describe(
        'How often and when a failed event is tried again. 408, 425, 429, 5xx, timeouts and connection errors are tried again; other 4xx are final.',
      ),
    onExhausted: z
      .enum(['skip', 'hold'])
      .prefault('skip')
      .describe(
        'How the key goes on when an event is given up: skip lets the next event of the key through, hold lets them wait for a person.',
      ),
    deadLetter: deadLetter()
      .prefault({})
      .describe('How events that are given up are handled. They can always be listed, read, redriven and purged.'),
    parking: parking(budget)
      .prefault({})
      .describe('How much may be set aside while failed keys wait for their next attempt; everything else flows on.'),
  };
}

/** How fast events are delivered. */
export const paceFields = {
  batch: batch().optional().describe('Several events in one call. Without it each call carries one event.'),
  rate: rate().optional().describe('Events delivered per period over all processes. Without it there is no limit.'),
  delay: duration({ max: '30d' })
    .prefault('0s')
    .describe('How long after its time an event is delivered at the earliest.'),
  deliverAt: expression('event', 'timestamp')
    .optional()
    .describe('When an event is delivered at the earliest, such as "${event.data.sendAt}".'),
  priority: z
    .int()
    .min(0)
    .max(9)
    .prefault(5)
    .describe('Which goes first where several sources share the budget of one function; 9 is the most urgent.'),
  timeout: duration({ min: '1ms', max: '15m' })
    .optional()
    .describe('Time limit of one call. Without it the limit of the target holds.'),
  maxAge: duration({ min: '1s' })
    .optional()
    .describe(
      'Events older than this are not delivered: they become dead letters with the reason "expired". The expirytime of an event counts as well.',
    ),
  paused: z
    .boolean()
    .prefault(false)
    .describe('true stops delivery; nothing is lost meanwhile, within the retention of the topic.'),
};

export function idempotency() {
  return z.strictObject({
    key: expression('event', 'string').prefault('${event.id}').describe('The value that makes two events the same.'),
    window: duration({ min: '1s', max: '30d' }).prefault('24h').describe('How long a key is remembered.'),
  });
}
