// Pipeline: transforms, summarises and distributes a stream of events as it comes (pattern 9).
import * as z from 'zod';
import { failureFields } from './consumers/delivery.ts';
import { sink } from './consumers/sink.ts';
import { startPosition } from './consumers/start-position.ts';
import { pipelineStep } from './consumers/steps.ts';
import { expression } from './fields/expression.ts';
import { reference } from './fields/names.ts';
import { duration, durationOrNever } from './fields/units.ts';

export const pipelineSpec = z.strictObject({
  from: z
    .strictObject({
      topic: reference('Topic').describe('The Topic whose events are read.'),
      start: startPosition().prefault('latest').describe('The position at which a new pipeline begins to read.'),
    })
    .describe('The source of the events.'),
  time: z
    .strictObject({
      of: expression('event', 'timestamp').prefault('${event.time}').describe('When an event happened.'),
      maxDisorder: duration({ max: '1d' })
        .prefault('5s')
        .describe('By how much events may come out of order before they count as late.'),
      idle: durationOrNever({ min: '1s', max: '1h' })
        .prefault('30s')
        .describe(
          'After such a silence a partition that is read to its end no longer holds the others back. Windows that are over by the clock then publish results though they stay open. never: only newer events of every partition move windows on.',
        ),
    })
    .prefault({})
    .describe('Event time, by which windows go.'),
  steps: z
    .array(pipelineStep())
    .max(32)
    .prefault([])
    .describe('The steps that each event passes, one after the other.'),
  to: z.array(sink()).min(1).max(16).describe('The targets of the results; each target gets all of them.'),
  concurrency: z
    .int()
    .min(1)
    .max(100_000)
    .prefault(32)
    .describe('Calls of functions in flight at the same time in one worker.'),
  ...failureFields('attempts'),
});
