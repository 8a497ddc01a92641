// The endpoints of parked events: the keys that wait, all events of one, and orders to try events
// now or to give them up.
import * as z from 'zod';
import { type Gathered, tellsAllConsumers } from '../gathered.ts';
import { fromLook } from '../live/from-look.ts';
import type { ParkedCommand, ParkedFilter, ParkedPage, ParkedProgress, ParkedQuery } from '../parked-view.ts';
import { answerSteps } from '../routing/answer-lines.ts';
import { parseQuery } from '../routing/body.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { placeOf, toConsumerName, toOwner } from './consumer-name.ts';
import { toAges } from './filters/age-filter.ts';
import { parkedFilter } from './filters/event-filter.ts';
import { readLimit } from './limit.ts';

const MAX_IDS = 10_000;
const selection = z.strictObject(parkedFilter);
const id = z
  .string()
  .max(64)
  .regex(/^\d{1,9}-\d{1,16}$/, 'This must be the id of a parked event, such as 0-17.');
const commandBody = z
  .strictObject({
    action: z.enum(['retry', 'give-up'], 'This must be retry or give-up.'),
    kind: z.string().max(64),
    namespace: z.string().max(253).optional(),
    name: z.string().max(253),
    ids: z.array(id).min(1).max(MAX_IDS).optional(),
    query: selection.optional(),
    wholeKey: z.boolean().optional(),
  })
  .refine(({ ids, query }) => (ids === undefined) !== (query === undefined), {
    message: 'Say which: either "ids", or "query" ({} means all keys of which an attempt failed).',
  })
  .refine(({ action, wholeKey }) => !wholeKey || action === 'give-up', {
    message: '"wholeKey" is for give-up: a retry is for the event at the head of its key.',
  });

export const parkedRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/parked',
    does: 'Lists keys whose events wait for another attempt, each with the event at its head.',
    needs: 'view',
    where: ({ query }) => placeOf(query),
    query: ['kind', 'namespace', 'name', 'key', 'reason', 'text', 'olderThan', 'newerThan', 'limit', 'after'],
    answer(call) {
      const { kind, namespace, name, limit, after, ...rest } = call.query;
      const wanted: ParkedQuery = {
        ...toOwner({ kind, namespace, name }),
        ...toSelection(parseQuery(selection, rest)),
        limit: readLimit(limit),
        ...(after === undefined ? {} : { after }),
      };
      // It is for all who ask, so none of them may break it off.
      return fromLook(call, async gathered => {
        const answer = await call.view.events.parked.list(wanted, gathered ? undefined : call.signal);
        return { answer, lasts: standsStill(wanted, answer, gathered) };
      });
    },
  }),
  route({
    method: 'GET',
    path: '/parked/:kind/:namespace/:name/:id',
    does: 'Shows one of them, named by any event of it, with all that wait.',
    needs: 'view',
    where: 'path',
    query: ['limit', 'after'],
    answer({ view, params, query: { limit, after }, signal }) {
      const page = { limit: readLimit(limit), ...(after === undefined ? {} : { after }) };
      return view.events.parked.read(toConsumerName(params), params.id, page, signal);
    },
  }),
  route({
    method: 'POST',
    path: '/parked/commands',
    does: 'Tries events now, or gives them up.',
    needs: 'operate',
    where: ({ body: { namespace = 'default' } }) => ({ namespace }),
    body: { schema: commandBody, limit: '1mb' },
    lines: true,
    answer(call) {
      const { action, ids, query, wholeKey, ...name } = call.body;
      const command: ParkedCommand = {
        action,
        consumer: toConsumerName(name),
        ...(ids ? { ids } : {}),
        ...(query ? { query: toSelection(query) } : {}),
        ...(wholeKey ? { wholeKey } : {}),
      };
      return answerSteps<ParkedProgress>(call, step => call.view.events.parked.command(command, step, call.signal));
    },
  }),
];

/** An age changes by the passing of time, and so does what waits for another attempt. */
function standsStill({ olderThanMs, newerThanMs }: ParkedQuery, page: ParkedPage, gathered?: Gathered): boolean {
  return (
    tellsAllConsumers(gathered) &&
    olderThanMs === undefined &&
    newerThanMs === undefined &&
    page.unread === undefined &&
    page.items.every(({ state }) => state === 'held')
  );
}

function toSelection({ key, reason, text, ...ages }: z.output<typeof selection>): ParkedFilter {
  return {
    ...(key === undefined ? {} : { key }),
    ...(reason === undefined ? {} : { reason }),
    ...(text === undefined ? {} : { text }),
    ...toAges(ages),
  };
}
