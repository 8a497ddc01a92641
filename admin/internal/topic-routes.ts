// The endpoints of events of Topics: pages of them, and answers that follow a topic.
import * as z from 'zod';
import type { ResendRequest } from '../commands/resend-view.ts';
import { answerLines } from '../routing/answer-lines.ts';
import { parseQuery } from '../routing/body.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { type TopicQuery, topicLimits } from '../topic-view.ts';
import { toConsumerName } from './consumer-name.ts';
import { dataEdit } from './data-edit.ts';
import { readLimit } from './limit.ts';

const { events: MOST, mostDataBytes: MOST_BYTES, filter: MOST_FILTER } = topicLimits;
const BYTES_WRONG = `This must be a whole number of bytes from 0 to ${MOST_BYTES}.`;
const PARTITION_WRONG = 'This must be the number of a partition, such as 0.';
const place = z.string().min(1).max(16_384);
const shared = {
  filter: z.string().min(1).max(MOST_FILTER, `A filter has at most ${MOST_FILTER} characters.`).optional(),
  key: z.string().max(16_384).optional(),
  id: z.string().max(16_384).optional(),
};
const whole = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
const listQuery = z.strictObject({
  ...shared,
  partition: z.string().transform(whole).pipe(z.int(PARTITION_WRONG)).optional(),
  dataBytes: z.string().transform(whole).pipe(z.int(BYTES_WRONG).max(MOST_BYTES, BYTES_WRONG)).optional(),
  from: place.optional(),
  after: place.optional(),
});
const LAST_WRONG = `This must be a whole number from 1 to ${MOST}.`;
const followBody = z
  .strictObject({
    ...shared,
    partition: z.int(PARTITION_WRONG).min(0, PARTITION_WRONG).max(999_999_999, PARTITION_WRONG).optional(),
    dataBytes: z.int(BYTES_WRONG).min(0, BYTES_WRONG).max(MOST_BYTES, BYTES_WRONG).optional(),
    from: place.optional(),
    last: z.int(LAST_WRONG).min(1, LAST_WRONG).max(MOST, LAST_WRONG).optional(),
    follow: z.boolean('This must be true or false.').optional(),
  })
  .refine(({ from, last }) => from === undefined || last === undefined, {
    message: 'Say either "from" or "last".',
  });

const resendBody = z.strictObject({
  edit: dataEdit.optional(),
  consumer: z
    .strictObject({ kind: z.string(), namespace: z.string().max(253).optional(), name: z.string().max(600) })
    .optional(),
  eventId: z.uuid('This must be the "eventId" of a plan.').optional(),
});
/** As much as data of a dead letter. */
const resendLimit = '16mb';

function toResend(
  namespace: string,
  topic: string,
  place: string,
  { consumer, ...body }: z.infer<typeof resendBody>,
): ResendRequest {
  const one = consumer === undefined ? {} : { consumer: toConsumerName({ namespace, ...consumer }) };
  return { namespace, topic, place, ...body, ...one };
}

export const topicRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/topics/:namespace/:name/events',
    does: 'Shows a page of events of a Topic.',
    needs: 'view',
    where: 'path',
    query: ['from', 'after', 'filter', 'key', 'id', 'partition', 'dataBytes', 'limit'],
    answer({ view, params: { namespace, name }, query: { limit, ...rest }, signal }) {
      const query: TopicQuery = { ...parseQuery(listQuery, rest), limit: readLimit(limit) };
      return view.events.topicEvents.list(namespace, name, query, signal);
    },
  }),
  route({
    method: 'GET',
    path: '/topics/:namespace/:name/events/:id/story',
    does: 'Shows an event, and what became of it at each consumer of its Topic.',
    needs: 'view',
    where: 'path',
    query: ['ledSince', 'fromBefore'],
    answer: ({ view, params: { namespace, name, id }, query, signal }) =>
      view.events.stories.tell(namespace, name, id, query, signal),
  }),
  route({
    method: 'POST',
    path: '/topics/:namespace/:name/events/:id/resend/plan',
    does: 'Plans to send an event again as a new one, to all consumers or to one: says what would go to whom.',
    needs: 'operate',
    where: 'path',
    asks: true,
    body: { schema: resendBody, limit: resendLimit },
    answer: ({ view, params: { namespace, name: topic, id: place }, body }) =>
      view.events.resends.plan(toResend(namespace, topic, place, body)),
  }),
  route({
    method: 'POST',
    path: '/topics/:namespace/:name/events/:id/resend',
    does: 'Sends an event again as a new one, which says what it repeats.',
    // With other data it says what nobody has published.
    needs: ({ body: { edit } }) => (edit ? 'administer' : 'operate'),
    where: 'path',
    body: { schema: resendBody, limit: resendLimit },
    status: 201,
    answer: ({ view, params: { namespace, name: topic, id: place }, body }) =>
      view.events.resends.send(toResend(namespace, topic, place, body)),
  }),
  route({
    method: 'POST',
    path: '/topics/:namespace/:name/follow',
    does: 'Follows a Topic.',
    needs: 'view',
    where: 'path',
    asks: true,
    body: { schema: followBody, limit: '64kb' },
    lines: true,
    answer: call =>
      answerLines(
        call,
        call.view.events.topicEvents.follow(call.params.namespace, call.params.name, call.body, call.signal),
      ),
  }),
];
