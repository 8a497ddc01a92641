// Queue: takes work at any pace and hands it on at the pace of its consumer (pattern 7).
import * as z from 'zod';
import { eventRetry } from './calls/retry.ts';
import { failureFields, paceFields } from './consumers/delivery.ts';
import { partitions, withGrowingPartitions } from './consumers/partitions.ts';
import { jobSchedules } from './consumers/schedules.ts';
import { share } from './consumers/share.ts';
import { expression } from './fields/expression.ts';
import { jsonSchema } from './fields/json.ts';
import { externalReference } from './fields/names.ts';
import { withRule } from './fields/rules.ts';
import { targets } from './fields/target.ts';
import { duration, size } from './fields/units.ts';

export const queueSpec = withRule(
  withGrowingPartitions(
    z.strictObject({
      to: targets().describe('The target that does the work.'),
      concurrency: z
        .int()
        .min(1)
        .max(100_000)
        .prefault(4)
        .describe('Calls in flight at the same time, over all workers together.'),
      order: z
        .enum(['none', 'key'])
        .prefault('none')
        .describe('none: jobs run in parallel. key: jobs of one key one after the other.'),
      key: expression('event', 'string')
        .optional()
        .describe('Key of a job. Without it the partitionkey attribute, else the subject, else no key.'),
      share: share()
        .optional()
        .describe('Shares of the calls, such as one for each tenant. Keys take turns without it, with "order: none".'),
      ...paceFields,
      ...failureFields('time'),
      schema: jsonSchema()
        .optional()
        .describe(
          'Schema that the data of every job must match; other jobs are refused with 400 before they are accepted. Values with x-sensitive: true are masked wherever people look at jobs.',
        ),
      maxSize: size().prefault('1Mi').describe('Largest job, in bytes.'),
      partitions: partitions().describe(
        'Partitions of the log behind the queue; it bounds the number of workers that share it.',
      ),
      maxWaiting: z
        .int()
        .min(1)
        .optional()
        .describe('Jobs that may wait; more are refused with 503 and Retry-After. Without it the log is the limit.'),
      idempotencyWindow: duration({ min: '1m', max: '30d' })
        .prefault('24h')
        .describe('How long an Idempotency-Key is remembered: the same request gets the same job.'),
      schedules: jobSchedules(),
      callbacks: z
        .strictObject({
          secret: externalReference('Secret').describe(
            'Secret whose key "key" signs the callbacks (Standard Webhooks).',
          ),
          retry: eventRetry('time').prefault({}).describe('How often and when a callback that failed is tried again.'),
        })
        .optional()
        .describe(
          'Lets callers name an address in X-Callback-Url that gets the result. Without it such requests are refused with 400.',
        ),
      result: z
        .strictObject({
          ttl: duration({ min: '1s', max: '365d' })
            .prefault('24h')
            .describe('How long the state and the result of a finished job can be read.'),
          maxInline: size()
            .prefault('256Ki')
            .describe('Larger results are kept in the blob store and answered by their location, in bytes.'),
        })
        .prefault({})
        .describe('How long finished jobs are kept.'),
    }),
  ),
  {
    message: 'A key has no effect with "order: none". Set "order: key", or leave the key out.',
    cel: "!has(self.key) || (has(self.order) && self.order == 'key')",
    holds: queue => queue.key === undefined || queue.order === 'key',
    at: 'key',
  },
);
