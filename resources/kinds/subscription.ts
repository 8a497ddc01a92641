// Subscription: delivers the events of a topic to a target, in the order of their keys (pattern 5).
import * as z from 'zod';
import { failureFields, idempotency, paceFields } from './consumers/delivery.ts';
import { share } from './consumers/share.ts';
import { startPosition } from './consumers/start-position.ts';
import { expression } from './fields/expression.ts';
import { reference } from './fields/names.ts';
import { withRule } from './fields/rules.ts';
import { targets } from './fields/target.ts';

export const subscriptionSpec = withRule(
  z.strictObject({
    topic: reference('Topic').describe('The Topic whose events are delivered.'),
    to: targets().describe('Who gets them. In a list with weights, events of one key always go to the same target.'),
    filter: expression('event', 'bool')
      .optional()
      .describe('Only events for which this holds are delivered; the others count as done.'),
    order: z
      .enum(['key', 'partition', 'none'])
      .prefault('key')
      .describe(
        'key: events of one key one after the other, different keys in parallel. partition: all of a partition one after the other. none: all in parallel.',
      ),
    concurrency: z
      .int()
      .min(1)
      .max(100_000)
      .prefault(32)
      .describe('Calls in flight at the same time in one worker. The limits of the function hold over all workers.'),
    share: share()
      .optional()
      .describe('Shares of the calls, such as one for each tenant. Keys take turns without it, with "order: none".'),
    ...paceFields,
    ...failureFields('time'),
    idempotency: idempotency()
      .optional()
      .describe('Leaves out events that were delivered already. Without it an event is delivered at least once.'),
    reply: z
      .strictObject({ topic: reference('Topic').describe('The Topic for replies.') })
      .optional()
      .describe('Publishes the event that the target answers with. Without it answers are ignored.'),
    from: startPosition()
      .prefault('latest')
      .describe('The position at which a new subscription begins to read. Later it continues where it stopped.'),
  }),
  {
    message: 'Shares have no effect with "order: partition". Set "order: key" or "order: none", or leave "share" out.',
    cel: "!has(self.share) || !has(self.order) || self.order != 'partition'",
    holds: ({ share, order }) => share === undefined || order !== 'partition',
    at: 'share',
  },
);
