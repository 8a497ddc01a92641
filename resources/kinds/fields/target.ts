// `to`: where a request or an event goes. The same words everywhere.
import * as z from 'zod';
import { withMarks } from './marks.ts';
import { reference } from './names.ts';
import { exactlyOneOf } from './rules.ts';
import { httpUrl } from './url.ts';

export const targetKeys = ['function', 'url', 'aggregate', 'queue', 'topic', 'view', 'fanOut'] as const;

export const targetFields = {
  function: reference('Function').optional().describe('The Function that is called.'),
  url: httpUrl()
    .optional()
    .describe('Address of any HTTP service that is called; a path in it is put before the path of the request.'),
  aggregate: reference('Aggregate').optional().describe('The Aggregate that answers.'),
  queue: reference('Queue')
    .optional()
    .describe('The Queue that takes the request as a job and answers 202 with its location.'),
  topic: reference('Topic').optional().describe('The Topic that the request or event is published to.'),
  view: reference('View').optional().describe('The View that is queried; in the event plane, that is fed.'),
  fanOut: reference('FanOut').optional().describe('The FanOut that is started.'),
};

export function target() {
  return exactlyOneOf(z.strictObject(targetFields), targetKeys);
}

function weightedTarget() {
  const weight = z.int().min(0).max(1_000_000);
  return exactlyOneOf(
    z.strictObject({
      ...targetFields,
      weight: weight.describe('Share of the calls, relative to the sum of all weights in the list. 0 takes no calls.'),
    }),
    targetKeys,
  );
}

/** One target, or a list of targets among which calls are split by weight. */
export function targets() {
  const list = z
    .array(weightedTarget())
    .min(1)
    .max(16)
    .refine(items => items.some(item => item.weight > 0), 'At least one target needs a weight above 0.');
  return withMarks(
    z.union(
      [target(), list],
      'This must be one target, such as { function: orders }, or a list of targets with weights.',
    ),
    {
      typeName: 'target, or list of targets with weights',
    },
  );
}

export type Target = z.output<ReturnType<typeof target>>;
