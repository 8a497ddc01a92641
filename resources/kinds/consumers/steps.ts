// The steps that a Pipeline is made of.
import * as z from 'zod';
import { aggregateCalls } from '../fields/aggregate-call.ts';
import { expression } from '../fields/expression.ts';
import { withMarks } from '../fields/marks.ts';
import { identifier, reference } from '../fields/names.ts';
import { exactlyOneOf, withRule } from '../fields/rules.ts';
import { duration } from '../fields/units.ts';
import { sink } from './sink.ts';

/** An expression, or a function that answers with the event. */
function transform(what: string) {
  const wrong = `This must be an expression inside \${…}, or { function: name }, that makes ${what}.`;
  const byFunction = z.strictObject({
    function: reference('Function').describe('Function that gets the event.'),
  });
  return withMarks(z.union([expression('event', 'any'), byFunction], wrong), { typeName: 'expression, or function' });
}

const window = exactlyOneOf(
  z.strictObject({
    tumbling: duration({ min: '100ms', max: '31d' })
      .optional()
      .describe('Windows of this length, one after the other.'),
    hopping: z
      .strictObject({
        size: duration({ min: '100ms', max: '31d' }).describe('Length of a window.'),
        every: duration({ min: '100ms', max: '31d' }).describe(
          'Distance from the beginning of one to the beginning of the next.',
        ),
      })
      .optional()
      .describe('Windows that overlap.'),
    session: z
      .strictObject({
        gap: duration({ min: '100ms', max: '7d' }).describe('Silence that ends a session.'),
        max: duration({ min: '1s', max: '31d' }).prefault('24h').describe('Longest session.'),
      })
      .optional()
      .describe('Windows that last as long as events come.'),
    by: expression('event', 'string').optional().describe('What is counted apart. Without it one count for all.'),
    aggregate: aggregateCalls().describe(
      'Results by name, such as { views: count(), users: distinct(event.data.user) }.',
    ),
    allowedLateness: duration({ max: '31d' })
      .prefault('0s')
      .describe('How long after the end of a window late events still count.'),
    emit: z
      .enum(['changes', 'final'])
      .prefault('final')
      .describe(
        'changes: a result at each change, at most once a second. final: one result when the window is closed; before that another where nothing came for long.',
      ),
    early: withRule(
      z.strictObject({
        every: duration({ min: '1s', max: '31d' })
          .optional()
          .describe('The time from the first event that a window counts after a result to the next early result.'),
        events: z
          .int()
          .min(1)
          .max(1_000_000_000)
          .optional()
          .describe('An early result comes whenever the window has counted so many more events.'),
      }),
      {
        message: 'One of "every", "events" is missing, or both.',
        cel: 'has(self.every) || has(self.events)',
        holds: ({ every, events }) => every !== undefined || events !== undefined,
      },
    )
      .optional()
      .describe(
        'Results of a window that is still open, beside the final one. Each result then has "pane" and "index".',
      ),
    late: z
      .strictObject({ topic: reference('Topic').describe('The Topic for late events.') })
      .optional()
      .describe('Target of events that came too late for a window. Without it they are dead letters.'),
  }),
  ['tumbling', 'hopping', 'session'],
);

const dedupe = z.strictObject({
  by: expression('event', 'string').prefault('${event.id}').describe('The value that makes two events the same.'),
  window: duration({ min: '1s', max: '7d' })
    .prefault('10m')
    .describe('An event is left out that was appended to the Topic so long after the first one of its key, or sooner.'),
});

const join = z.strictObject({
  view: reference('View').describe('A View with a table or an aggregate.'),
  key: expression('event', 'string').describe('Key of the row.'),
  as: identifier().describe('Member of the data that gets the row.'),
  required: z.boolean().prefault(false).describe('true: events without a row are left out.'),
});

const joinTopic = z.strictObject({
  topic: reference('Topic').describe('The other Topic.'),
  key: expression('event', 'string').describe('Key of the events that come to the step.'),
  otherKey: expression('event', 'string').describe(
    'Key of the events of the other Topic. Two events belong together if their keys are equal.',
  ),
  within: duration({ min: '1ms', max: '7d' }).describe(
    'How far apart in event time two events may be that belong together; either may be the earlier one.',
  ),
  as: identifier().describe('Member of the data that gets the data of the other event; null where there is none.'),
  kind: z
    .enum(['inner', 'left', 'outer'])
    .prefault('inner')
    .describe(
      'inner: a result for each two events that belong together. left: one more for each event of the step that stays alone. outer: one more for each event of either Topic that stays alone.',
    ),
  otherTime: expression('event', 'timestamp')
    .prefault('${event.time}')
    .describe('When an event of the other Topic happened.'),
  allowedLateness: duration({ max: '31d' })
    .prefault('0s')
    .describe('How much longer the step waits for late events of both Topics.'),
  late: z
    .strictObject({ topic: reference('Topic').describe('The Topic for late events.') })
    .optional()
    .describe('Target of events that came too late for the join. Without it they are dead letters.'),
});

/** The first three make up most pipelines; they may appear inside a branch as well. */
const simple = {
  filter: expression('event', 'bool').optional().describe('Lets only events through for which this holds.'),
  map: transform('the new data').optional().describe('Makes one event of each; an expression gives the new data.'),
  flatMap: transform('a list')
    .optional()
    .describe('Makes any number of events of each; an expression gives a list of new data.'),
  dedupe: dedupe.optional().describe('Leaves out events that came before.'),
  join: join.optional().describe('Adds a row of a View to the event.'),
  joinTopic: joinTopic
    .optional()
    .describe('Brings together events of two Topics that have the same key and happened about the same time.'),
  window: window.optional().describe('Summarises events over time; goes by the time of the event.'),
};
const simpleKeys = ['filter', 'map', 'flatMap', 'dedupe', 'join', 'joinTopic', 'window'] as const;

function simpleStep() {
  return exactlyOneOf(z.strictObject(simple), simpleKeys);
}

const branch = z.strictObject({
  when: expression('event', 'bool')
    .optional()
    .describe('Events for which this holds take the branch. Without it all that no branch before it took.'),
  steps: z.array(simpleStep()).max(16).prefault([]).describe('Steps of the branch.'),
  to: z.array(sink()).min(1).max(16).describe('The target of the results of the branch.'),
});

export function pipelineStep() {
  return exactlyOneOf(
    z.strictObject({
      ...simple,
      branch: z
        .array(branch)
        .min(1)
        .max(8)
        .optional()
        .describe('Takes events out into branches, each to the first that wants it; the others go on.'),
    }),
    [...simpleKeys, 'branch'],
  );
}
