// FanOut: divides a job, works the parts in parallel, and gathers them when
// all are there (pattern 10).
import * as z from 'zod';
import { eventRetry } from './calls/retry.ts';
import { batch, deadLetter } from './consumers/delivery.ts';
import { partitions, withGrowingPartitions } from './consumers/partitions.ts';
import { jobSchedules } from './consumers/schedules.ts';
import { expression } from './fields/expression.ts';
import { jsonSchema } from './fields/json.ts';
import { withMarks } from './fields/marks.ts';
import { reference } from './fields/names.ts';
import { exactlyOneOf, withRule } from './fields/rules.ts';
import { countOrPercent, duration, rate, size } from './fields/units.ts';
import { httpUrl } from './fields/url.ts';

const on = exactlyOneOf(
  z.strictObject({
    topic: reference('Topic').optional().describe('Each event of this Topic starts a job.'),
    http: z
      .strictObject({
        schema: jsonSchema().optional().describe('Schema that a body must match; other requests are answered 400.'),
        maxBody: size().prefault('1Mi').describe('Largest body, in bytes.'),
      })
      .optional()
      .describe('Each request starts a job, and is answered 202 with its location.'),
    upload: z
      .strictObject({
        prefix: z.string().min(1).max(512).describe('Folder in the blob store, such as uploads/.'),
        suffixes: z
          .array(z.string().min(1).max(32))
          .min(1)
          .max(32)
          .optional()
          .describe('Endings of the names that count, such as .jpg. Without it all do.'),
      })
      .optional()
      .describe('Each new object in the blob store starts a job.'),
  }),
  ['topic', 'http', 'upload'],
);

const SPLIT_WRONG = 'This must be an expression inside ${…} that gives a list, or { function: name }.';
const split = withMarks(
  z.union(
    [
      expression('event', 'list'),
      z.strictObject({
        function: reference('Function').describe('Function that gets the job and answers with items, page by page.'),
      }),
    ],
    SPLIT_WRONG,
  ),
  { typeName: 'expression, or function' },
);

const worker = exactlyOneOf(
  z.strictObject({
    function: reference('Function').optional().describe('Function that works one item.'),
    url: httpUrl().optional().describe('HTTP service that works one item.'),
    fanOut: reference('FanOut').optional().describe('FanOut that divides an item further.'),
    concurrency: z
      .int()
      .min(1)
      .max(100_000)
      .prefault(8)
      .describe('Items worked at the same time, over all workers together.'),
    perJob: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Items of one job worked at the same time at most. Jobs take turns also without it.'),
    rate: rate().optional().describe('Items started per period. Without it there is no limit.'),
    timeout: duration({ min: '1ms', max: '15m' }).prefault('5m').describe('Time limit of one item.'),
    retry: eventRetry('attempts').prefault({}).describe('How often and when an item that failed is tried again.'),
    batch: batch().optional().describe('Several items in one call. Without it each call carries one.'),
  }),
  ['function', 'url', 'fanOut'],
);

const gather = z.strictObject({
  function: reference('Function').describe(
    'Function that gets the results of all items, as a stream, and answers with the result of the job.',
  ),
  timeout: duration({ min: '1ms', max: '15m' }).prefault('5m').describe('Time limit of the call.'),
  retry: eventRetry('attempts').prefault({}).describe('How often and when it is tried again.'),
});

const complete = withRule(
  z.strictObject({
    when: z
      .enum(['all', 'quorum', 'deadline'])
      .prefault('all')
      .describe(
        'all: when every item has ended. quorum: when enough items have succeeded. deadline: at the deadline, with what is there.',
      ),
    quorum: countOrPercent()
      .optional()
      .describe('Items that must have succeeded, as a count or a percentage; goes with `when: quorum`.'),
    tolerate: countOrPercent()
      .prefault(0)
      .describe('Items that may fail without the job failing, as a count or a percentage.'),
    deadline: duration({ min: '1s', max: '30d' })
      .prefault('1h')
      .describe('When a job ends at the latest, counted from its start. Items not done by then count as failed.'),
    topic: reference('Topic').optional().describe('The Topic that gets an event when a job has ended.'),
  }),
  {
    message: 'A quorum goes with "when: quorum", and only with that.',
    cel: "(has(self.when) && self.when == 'quorum') == has(self.quorum)",
    holds: value => (value.when === 'quorum') === (value.quorum !== undefined),
    at: 'quorum',
  },
);

export const fanOutSpec = withGrowingPartitions(
  z.strictObject({
    on: on.prefault({ http: {} }).describe('The events or requests that start a job.'),
    split: split.describe('The items of a job.'),
    maxItems: z.int().min(1).max(10_000_000).prefault(100_000).describe('Most items of one job.'),
    worker: worker.describe('The target that processes the items.'),
    gather: gather
      .optional()
      .describe('The target that combines the results. Without it the result is the list of them.'),
    complete: complete.prefault({}).describe('When a job is complete.'),
    schedules: jobSchedules(),
    partitions: partitions().describe(
      'Partitions of the log behind it; it bounds the number of workers that share it.',
    ),
    result: z
      .strictObject({
        ttl: duration({ min: '1s', max: '365d' })
          .prefault('24h')
          .describe('How long the state and the results of an ended job can be read.'),
      })
      .prefault({})
      .describe('How long ended jobs are kept.'),
    deadLetter: deadLetter()
      .prefault({})
      .describe('How items that are given up are handled. They can be redriven alone.'),
  }),
);
