// The endpoints of dead letters: finding them, reading one, and redriving, skipping or purging
// some or all that are found.
import * as z from 'zod';
import type { CommandProgress, DeadLetterCommand, DeadLetterFilter } from '../commands/dead-letter-view.ts';
import { tellsAllConsumers } from '../gathered.ts';
import { fromLook } from '../live/from-look.ts';
import { answerSteps } from '../routing/answer-lines.ts';
import { parseQuery } from '../routing/body.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { placeOf, toConsumerName, toOwner } from './consumer-name.ts';
import { dataEdit } from './data-edit.ts';
import { toAges } from './filters/age-filter.ts';
import { letterFilter } from './filters/event-filter.ts';
import { readLimit } from './limit.ts';

const MAX_IDS = 10_000;
const selection = z.strictObject({
  ...letterFilter,
  held: z
    .union([z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')], 'This must be true or false.')
    .optional(),
});
const FILTERS = ['key', 'reason', 'olderThan', 'newerThan', 'held', 'group', 'text'] as const;
const commandBody = z
  .strictObject({
    action: z.enum(['redrive', 'skip', 'purge'], 'This must be redrive, skip or purge.'),
    kind: z.string().max(64),
    namespace: z.string().max(253).optional(),
    name: z.string().max(253),
    ids: z
      .array(
        z
          .string()
          .max(64)
          .regex(/^\d+-\d+$/, 'This must be the id of a dead letter, such as 0-17.'),
      )
      .min(1)
      .max(MAX_IDS)
      .optional(),
    query: selection.optional(),
    edit: dataEdit.optional(),
  })
  .refine(({ ids, query }) => (ids === undefined) !== (query === undefined), {
    message: 'Say which: either "ids", or "query" ({} means all).',
  })
  .refine(({ action, ids, edit: wanted }) => !wanted || (action === 'redrive' && ids?.length === 1), {
    message: 'Other data are for the redrive of one dead letter, named in "ids".',
  });

export const deadLetterRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/dead-letters',
    does: 'Lists events that were given up.',
    needs: 'view',
    where: ({ query }) => placeOf(query),
    query: ['kind', 'namespace', 'name', ...FILTERS, 'limit', 'after'],
    answer({ view, query }) {
      const { kind, namespace, name, limit, after, ...rest } = query;
      return view.events.deadLetters({
        ...toOwner({ kind, namespace, name }),
        ...toSelection(parseQuery(selection, rest)),
        limit: readLimit(limit),
        ...(after === undefined ? {} : { after }),
      });
    },
  }),
  route({
    method: 'GET',
    path: '/dead-letters/owners',
    does: 'Counts them for each consumer that may give events up, also for Views and Pipelines.',
    needs: 'view',
    where: 'query',
    query: ['namespace'],
    answer: call =>
      fromLook(call, async gathered => {
        const { namespace } = call.query;
        const owners = await call.view.events.deadLetterOwners();
        const items = owners.filter(each => namespace === undefined || each.namespace === namespace);
        return { answer: { items }, lasts: tellsAllConsumers(gathered) };
      }),
  }),
  route({
    method: 'GET',
    path: '/dead-letters/groups',
    does: 'Counts those of one consumer by their cause, with the first and last time and one of them.',
    needs: 'view',
    where: ({ query: { namespace = 'default' } }) => ({ namespace }),
    query: ['kind', 'namespace', 'name', ...FILTERS, 'limit'],
    answer(call) {
      const { kind, namespace, name, limit, ...rest } = call.query;
      const filter = toSelection(parseQuery(selection, rest));
      const wanted = { consumer: toConsumerName({ kind, namespace, name }), ...filter, limit: readLimit(limit) };
      return fromLook(call, async gathered => ({
        answer: await call.view.events.deadLetterGroups(wanted),
        lasts: tellsAllConsumers(gathered) && standsStill(filter),
      }));
    },
  }),
  route({
    method: 'GET',
    path: '/dead-letters/:kind/:namespace/:name/:id',
    does: 'Shows one of them, with its event.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params }) => view.events.deadLetter(toConsumerName(params), params.id),
  }),
  route({
    method: 'POST',
    path: '/dead-letters/commands',
    does: 'Redrives, skips or purges some or all that are found.',
    // It deletes events, or changes them.
    needs: ({ body: { action, edit: wanted } }) => (action === 'purge' || wanted ? 'administer' : 'operate'),
    where: ({ body: { namespace = 'default' } }) => ({ namespace }),
    body: { schema: commandBody, limit: '16mb' },
    lines: true,
    answer(call) {
      const { action, ids, query, edit: wanted, ...name } = call.body;
      const command: DeadLetterCommand = {
        action,
        consumer: toConsumerName(name),
        ...(ids ? { ids } : {}),
        ...(query ? { query: toSelection(query) } : {}),
        ...(wanted ? { edit: wanted } : {}),
      };
      return answerSteps<CommandProgress>(call, step => call.view.events.command(command, step, call.signal));
    },
  }),
];

/** An age changes by the passing of time. No number of a consumer tells which letters are held. */
function standsStill({ olderThanMs, newerThanMs, held }: DeadLetterFilter): boolean {
  return olderThanMs === undefined && newerThanMs === undefined && held === undefined;
}

function toSelection({
  key,
  reason,
  olderThan,
  newerThan,
  held,
  group,
  text,
}: z.output<typeof selection>): DeadLetterFilter {
  return {
    ...(key === undefined ? {} : { key }),
    ...(reason === undefined ? {} : { reason }),
    ...toAges({ olderThan, newerThan }),
    ...(held === undefined ? {} : { held }),
    ...(group === undefined ? {} : { group }),
    ...(text === undefined ? {} : { text }),
  };
}
