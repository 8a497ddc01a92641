// The endpoints of operations: a plan, its start with the token of the plan, and what becomes of
// it.
import type { Response } from 'express';
import * as z from 'zod';
import {
  type Asker,
  type OperationFilter,
  type OperationRequest,
  operationActions,
} from '../commands/operation-view.ts';
import { noteOutcome } from '../guards/audited.ts';
import { callerOf } from '../guards/require-caller.ts';
import { jobStates } from '../job-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { toConsumerName } from './consumer-name.ts';
import { toAges } from './filters/age-filter.ts';
import { letterFilter } from './filters/event-filter.ts';
import { readLimit } from './limit.ts';

const MAX_IDS = 10_000;
const MAX_RATE = 100_000;
const MOST_CLIENT = 200;
const filter = z.strictObject({
  ...letterFilter,
  held: z.boolean().optional(),
  state: z.enum(jobStates).optional(),
});
const contentType = z.string().max(256).optional();
const edit = z.union(
  [
    z.strictObject({ text: z.string(), contentType }),
    z.strictObject({ base64: z.base64(), contentType }),
    z.strictObject({ merge: z.record(z.string(), z.unknown()) }),
  ],
  'This must have the new data, as "text" or as "base64", or changes of them as "merge".',
);
const planBody = z
  .strictObject({
    action: z.enum(operationActions, `This must be one of ${operationActions.join(', ')}.`),
    kind: z.string().max(64),
    namespace: z.string().max(253).optional(),
    name: z.string().max(253),
    ids: z.array(z.string().min(1).max(128)).min(1).max(MAX_IDS).optional(),
    query: filter.optional(),
    edit: edit.optional(),
    rate: z.int().min(1).max(MAX_RATE).optional(),
  })
  .refine(({ ids, query }) => (ids === undefined) !== (query === undefined), {
    message: 'Say which: either "ids", or "query" ({} means all).',
  })
  .refine(({ action, edit: wanted }) => (action === 'edit') === (wanted !== undefined), {
    message: 'The action "edit" needs "edit", and no other action takes it.',
  })
  .refine(({ ids, edit: wanted }) => wanted === undefined || 'merge' in wanted || ids?.length === 1, {
    message: 'All data anew are for one dead letter, named in "ids". For several there is "merge".',
  });
const DOES = {
  pause: 'Pauses one until it is resumed.',
  resume: 'Lets one go on.',
  stop: 'Ends one for good: what is done stays done.',
};
const startBody = z.strictObject({ token: z.string().max(64) });

export const operationRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/operations',
    does: 'Lists actions on many events that the server carries out, the newest first.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'limit', 'after'],
    answer: ({ view, query: { namespace, limit, after } }) =>
      view.events.operations.list({
        ...(namespace === undefined ? {} : { namespace }),
        limit: readLimit(limit),
        ...(after === undefined ? {} : { after }),
      }),
  }),
  route({
    method: 'POST',
    path: '/operations',
    does: 'Plans an action on many events: finds them, and changes nothing before the start.',
    // It deletes events, or changes them.
    needs: ({ body: { action } }) => (action === 'purge' || action === 'edit' ? 'administer' : 'operate'),
    where: ({ body: { namespace = 'default' } }) => ({ namespace }),
    body: { schema: planBody, limit: '4mb' },
    status: 201,
    async answer({ view, body, signal, response }) {
      const plan = await view.events.operations.plan(toRequest(body), signal);
      noteOutcome(response, { operation: plan.id });
      return plan;
    },
  }),
  route({
    method: 'GET',
    path: '/operations/:namespace/:id',
    does: 'Shows one of them, and how far it is.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params }) => view.events.operations.read(params),
  }),
  route({
    method: 'GET',
    path: '/operations/:namespace/:id/items',
    does: 'Lists what became of its items, or of those that failed.',
    needs: 'view',
    where: 'path',
    query: ['limit', 'after', 'failed'],
    answer({ view, params, query: { limit, after, failed } }) {
      const page = { limit: readLimit(limit), failed: failed === 'true', ...(after === undefined ? {} : { after }) };
      return view.events.operations.items(params, page);
    },
  }),
  route({
    method: 'POST',
    path: '/operations/:namespace/:id/start',
    does: 'Starts one, with the token of its plan.',
    needs: 'operate',
    where: 'path',
    body: { schema: startBody, limit: '16kb' },
    answer: ({ view, params, body: { token }, response }) =>
      view.events.operations.start(params, token, askerOf(response)),
  }),
  ...(['pause', 'resume', 'stop'] as const).map(change =>
    route({
      method: 'POST',
      path: `/operations/:namespace/:id/${change}`,
      does: DOES[change],
      needs: 'operate',
      where: 'path',
      answer: ({ view, params }) => view.events.operations[change](params),
    }),
  ),
];

function askerOf(response: Response): Asker {
  const { socket, headers } = response.req;
  const client = headers['user-agent']?.slice(0, MOST_CLIENT);
  return { by: callerOf(response).name, from: socket.remoteAddress ?? '', client };
}

function toRequest({ action, ids, query, edit: wanted, rate, ...name }: z.output<typeof planBody>): OperationRequest {
  return {
    action,
    consumer: toConsumerName(name),
    ...(ids ? { ids } : {}),
    ...(query ? { query: toFilter(query) } : {}),
    ...(wanted ? { edit: wanted } : {}),
    ...(rate === undefined ? {} : { rate }),
  };
}

function toFilter({ key, reason, group, text, held, state, ...ages }: z.output<typeof filter>): OperationFilter {
  return {
    ...(key === undefined ? {} : { key }),
    ...(reason === undefined ? {} : { reason }),
    ...(group === undefined ? {} : { group }),
    ...(text === undefined ? {} : { text }),
    ...(held === undefined ? {} : { held }),
    ...(state === undefined ? {} : { state }),
    ...toAges(ages),
  };
}
