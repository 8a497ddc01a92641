// View: a copy of what events tell, kept in the shape that it is read in (pattern 8).
import * as z from 'zod';
import { failureFields } from './consumers/delivery.ts';
import { aggregateCalls } from './fields/aggregate-call.ts';
import { expression } from './fields/expression.ts';
import { templateValue } from './fields/json.ts';
import { withMarks } from './fields/marks.ts';
import { identifier, reference } from './fields/names.ts';
import { recordOf } from './fields/record.ts';
import { exactlyOneOf } from './fields/rules.ts';
import { duration, percent, rate } from './fields/units.ts';

const INDEX_WRONG =
  'An index is the name of a member of the value, such as author, or a list of names, such as [author, createdAt].';

function index() {
  const member = z
    .string(INDEX_WRONG)
    .min(1, INDEX_WRONG)
    .max(128, INDEX_WRONG)
    .regex(/^[A-Za-z_][A-Za-z0-9_.]*$/, INDEX_WRONG);
  return withMarks(z.union([member, z.array(member).min(1).max(4)], INDEX_WRONG), {
    typeName: 'name, or list of names',
  });
}

const table = z.strictObject({
  key: expression('event', 'string').describe('Key of the row that an event changes.'),
  value: templateValue('change')
    .optional()
    .describe(
      'The row, made from the event and from `row`, which is what the row holds, or null. Without it the data of the event.',
    ),
  merge: z.boolean().prefault(false).describe('true: members that the new value does not have keep what they held.'),
  delete: expression('event', 'bool').optional().describe('Events for which this holds delete the row.'),
  indexes: z
    .array(index())
    .max(16)
    .prefault([])
    .describe('Members by which rows can be found and sorted, alone or together.'),
  ttl: duration({ min: '1s' })
    .optional()
    .describe('How long a row lives after the newest of its events was appended. Without it until it is deleted.'),
});

const aggregate = z.strictObject({
  by: expression('event', 'string').describe('Key of the row that an event is added to.'),
  values: aggregateCalls().describe(
    'Members of the row by name, such as { orders: count(), revenue: sum(event.data.total) }.',
  ),
  having: expression('values', 'bool')
    .optional()
    .describe('Only rows for which this holds are shown; `row` has the values. The others count on unseen.'),
  indexes: z
    .array(index())
    .max(16)
    .prefault([])
    .describe('Values by which rows can be found and sorted, alone or together.'),
  ttl: duration({ min: '1s', max: '365d' })
    .optional()
    .describe('How long a row lives after the newest of its events was appended. Without it for ever.'),
});

const ranking = z.strictObject({
  member: expression('event', 'string').describe('The member that gets the points.'),
  score: expression('event', 'number').prefault('${1}').describe('The points.'),
  mode: z
    .enum(['sum', 'max', 'last'])
    .prefault('sum')
    .describe('Whether points are added up, the highest counts, or the last.'),
  delete: expression('event', 'bool').optional().describe('Events for which this holds take the member out.'),
  limit: z
    .int()
    .min(1)
    .max(1_000_000)
    .prefault(1000)
    .describe('Members that are kept, best first; with a window all are, and so many can be asked for.'),
  window: duration({ min: '1m', max: '365d' })
    .optional()
    .describe('Only events of this last stretch of time count. Without it all do.'),
  value: templateValue('event')
    .optional()
    .describe('Values shown for a member besides its name and score, from its latest event.'),
});

const feed = exactlyOneOf(
  z.strictObject({
    owner: expression('event', 'any')
      .optional()
      .describe('The owner of the feed that the event goes into: a text, or a list of texts.'),
    followers: z
      .strictObject({
        view: reference('View').describe('A View with a table of who follows whom.'),
        index: z.string().min(1).max(128).describe('Index of it by whom is followed.'),
        member: z.string().min(1).max(128).describe('Member of its rows that names the follower.'),
        author: expression('event', 'string').describe('The author of the event, who is followed.'),
        readAbove: z
          .int()
          .min(1)
          .max(10_000_000)
          .prefault(10_000)
          .describe('Authors with more followers are added when a feed is read, not when they write.'),
      })
      .optional()
      .describe('The event goes into the feeds of all followers of its author.'),
    id: expression('event', 'string')
      .prefault('${event.id}')
      .describe('Id of the entry that an event makes, changes or deletes.'),
    delete: expression('event', 'bool').optional().describe('Events for which this holds delete the entry.'),
    value: templateValue('event').optional().describe('The entry. Without it the data of the event.'),
    limit: z.int().min(1).max(100_000).prefault(800).describe('Entries that are kept for each owner, newest first.'),
    ttl: duration({ min: '1m' })
      .optional()
      .describe('How long an entry is kept. Without it until newer ones push it out.'),
  }),
  ['owner', 'followers'],
);

const searchField = z.strictObject({
  type: z
    .enum(['text', 'keyword', 'number', 'date', 'boolean', 'geo'])
    .prefault('text')
    .describe('text is searched word by word, keyword as a whole; the others are compared.'),
  phonetic: z.boolean().prefault(false).describe('Finds words that sound alike.'),
  fuzzy: z.boolean().prefault(false).describe('Finds words with a typo.'),
  suggest: z.boolean().prefault(false).describe('Completes words while they are typed.'),
  boost: z.number().gt(0).max(100).prefault(1).describe('How much a match here counts.'),
  language: z
    .string()
    .max(16)
    .regex(/^[a-z]{2,3}$/, 'This must be a language code such as en.')
    .optional()
    .describe('Language of the text, for word forms; a code such as en.'),
});

const search = z.strictObject({
  id: expression('event', 'string').describe('Id of the document that an event changes.'),
  document: templateValue('event').optional().describe('The document. Without it the data of the event.'),
  delete: expression('event', 'bool').optional().describe('Events for which this holds delete the document.'),
  fields: recordOf(identifier(), searchField, 128).describe(
    'How the members of the document are searched. Members not named are kept and not searched.',
  ),
  synonyms: z
    .array(z.array(z.string().min(1).max(64)).min(2).max(32))
    .max(1000)
    .prefault([])
    .describe('Groups of words that mean the same.'),
  ttl: duration({ min: '1m' })
    .optional()
    .describe('How long a document lives after its last change. Without it until it is deleted.'),
});

const query = z.strictObject({
  cache: z
    .strictObject({
      ttl: duration({ max: '1d' }).describe('How long an answer is served again.'),
      staleWhileRevalidate: duration({ max: '1d' })
        .prefault('0s')
        .describe('How long after that it is served while it is made anew.'),
      jitter: percent().prefault('10%').describe('By how much lifetimes differ, so that not all end together.'),
    })
    .optional()
    .describe('Keeps answers. Without it every query is made.'),
  maxLimit: z.int().min(1).max(10_000).prefault(100).describe('Most entries in one answer.'),
  timeout: duration({ min: '1ms', max: '29s' }).prefault('5s').describe('Time limit of one query.'),
  maxFollowers: z
    .int()
    .min(0)
    .max(100_000)
    .prefault(10_000)
    .describe('Most streams that follow the View in one process; 0 allows none.'),
});

export const viewSpec = exactlyOneOf(
  z.strictObject({
    from: z
      .array(reference('Topic'))
      .max(32)
      .prefault([])
      .describe('The Topics whose events change the view. It may be fed by `to: { view }` of other resources besides.'),
    filter: expression('event', 'bool').optional().describe('Only events for which this holds count.'),
    project: z
      .strictObject({
        function: reference('Function').describe(
          'Function that gets events and answers with the events to fold instead.',
        ),
        timeout: duration({ min: '1ms', max: '15m' }).optional().describe('Time limit of one call.'),
      })
      .optional()
      .describe('Changes events before they are folded. Without it they are folded as they are.'),
    table: table.optional().describe('Rows found by key and by index.'),
    ranking: ranking.optional().describe('The best, by points.'),
    feed: feed.optional().describe('The newest, for each owner.'),
    search: search.optional().describe('Documents found by words.'),
    aggregate: aggregate.optional().describe('A row for each key, with values that add up its events.'),
    query: query.prefault({}).describe('How the view is read.'),
    concurrency: z.int().min(1).max(10_000).prefault(16).describe('Events folded at the same time in one worker.'),
    rebuild: z
      .strictObject({
        rate: rate()
          .optional()
          .describe('Events read per period while the view is built anew. Without it as fast as it goes.'),
      })
      .prefault({})
      .describe('Building the view anew beside the one that serves.'),
    ...failureFields('attempts'),
  }),
  ['table', 'ranking', 'feed', 'search', 'aggregate'],
);
