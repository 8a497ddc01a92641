// Retries: of requests, where a caller waits and a budget protects the service; and of events,
// where only the key waits.
import * as z from 'zod';
import { withMarks } from '../fields/marks.ts';
import { duration, percent } from '../fields/units.ts';

const conditions = ['connect', 'reset', 'timeout', '5xx'] as const;

const PAUSES = { path: ['initial'], message: 'The first pause (initial) is longer than the longest pause (max).' };

function condition() {
  const wrong = 'This must be connect, reset, timeout, 5xx, or a status from 400 to 599 such as "503".';
  const text = z.string(wrong).regex(/^(connect|reset|timeout|5xx|[45][0-9][0-9])$/, wrong);
  const number = z.int(wrong).min(400, wrong).max(599, wrong).transform(String);
  return withMarks(z.union([text, number], wrong), {
    intOrString: true,
    typeName: `${conditions.join(', ')} or status`,
  });
}

const request = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(10)
    .prefault(2)
    .describe('How often the call is made in all, the first time included. 1 means no retry.'),
  on: z
    .array(condition())
    .min(1)
    .max(16)
    .prefault(['connect', 'reset', '503'])
    .describe(
      'Failures that are retried: connect (no connection), reset (connection lost before an answer), timeout (of one attempt), 5xx, or single statuses. Other than for connect, only idempotent methods are retried; and only with a body of known length up to 64Ki.',
    ),
  budget: percent()
    .prefault('20%')
    .describe(
      'Largest share of retries among the calls of the last ten seconds, so that retries never flood a service that is down. Ten retries are always allowed, unless it is 0%.',
    ),
  attemptTimeout: duration({ min: '1ms', max: '24h' })
    .optional()
    .describe(
      'Time limit of one attempt until its answer begins. Without it an attempt may use all the time that is left.',
    ),
  initial: duration({ max: '1m' })
    .prefault('25ms')
    .describe(
      'Longest pause before the second attempt. Pauses double and are drawn at random between zero and their limit.',
    ),
  max: duration({ max: '5m' }).prefault('1s').describe('Longest pause between two attempts.'),
});

/** Retry of a call whose client waits. */
export function requestRetry() {
  return request.refine(retry => retry.initial <= retry.max, PAUSES);
}

const COUNTED =
  'An attempt counts when the target answered, or may have worked on it. An event that was never delivered (no connection, no instance, over its limits) uses none. A failure of a target that is down for all uses none either. When such a target got the event and answered nothing for ten minutes, those tries count as one attempt.';

/**
 * The limit of the attempts where the resource sets none. `time`: a day; `attempts`: eight of them,
 * where other parts wait for the end of the event.
 */
export type DefaultBudget = 'time' | 'attempts';

const DEFAULTS: Readonly<Record<DefaultBudget, { readonly attempts: string; readonly within: string }>> = {
  time: {
    attempts: 'Without it as often as `within` allows.',
    within: 'Without it and without `attempts`: 24h, or the retention of the topic where that is shorter.',
  },
  attempts: {
    attempts: 'Without it and without `within`: 8.',
    within: 'Without it only `attempts` counts.',
  },
};

function event(budget: DefaultBudget) {
  const { attempts, within } = DEFAULTS[budget];
  return z.strictObject({
    attempts: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe(
        `How often an event is tried in all, the first time included. The count survives crashes and restarts. ${COUNTED} ${attempts}`,
      ),
    within: duration({ min: '1s', max: '30d' })
      .optional()
      .describe(
        `How long an event is tried, counted from its first failure; the last attempt is made when that is over. With \`attempts\` whichever ends first. ${within}`,
      ),
    backoff: z
      .enum(['exponential', 'linear', 'constant'])
      .prefault('exponential')
      .describe(
        'How the pause grows: doubled each time, by the first pause each time, or not at all. Jitter is always added.',
      ),
    initial: duration({ max: '1d' }).prefault('1s').describe('Pause after the first failure.'),
    max: duration({ max: '7d' })
      .prefault('5m')
      .describe('Longest pause between two attempts. A Retry-After of the function counts beyond it.'),
  });
}

/** Retry of an event or a job: durable, and counted across processes. */
export function eventRetry(budget: DefaultBudget) {
  return event(budget).refine(retry => retry.initial <= retry.max, PAUSES);
}
