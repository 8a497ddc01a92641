// The endpoints of jobs of FanOuts: finding them, looking at one and at what failed of
// it, cancelling, redriving.
import { TenfoldError } from '../../core/errors.ts';
import { fanOutStates } from '../fan-out-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { jobStory } from './job-routes.ts';
import { readCount, readLimit } from './limit.ts';

const MOST_GROUPS = 1000;
const job = '/fan-outs/jobs/:namespace/:fanOut/:id';

export const fanOutRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/fan-outs',
    does: 'Shows how far the state of fan-outs is behind.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'name'],
    answer: async ({ view, query: { namespace, name } }) => ({
      items: (await view.events.fanOuts.reports()).filter(
        each => (namespace === undefined || each.namespace === namespace) && (name === undefined || each.name === name),
      ),
    }),
  }),
  route({
    method: 'GET',
    path: '/fan-outs/jobs',
    does: 'Lists jobs of fan-outs.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'fanOut', 'state', 'limit', 'after'],
    answer: ({ view, query: { namespace, fanOut, state, limit, after } }) =>
      view.events.fanOuts.list({
        ...(namespace === undefined ? {} : { namespace }),
        ...(fanOut === undefined ? {} : { fanOut }),
        ...(state === undefined ? {} : { state: toState(state) }),
        limit: readLimit(limit),
        ...(after === undefined ? {} : { after }),
      }),
  }),
  route({
    method: 'GET',
    path: job,
    does: 'Shows one of them.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params: { namespace, fanOut, id } }) => view.events.fanOuts.read(namespace, fanOut, id),
  }),
  route({
    ...jobStory,
    path: `${job}/story`,
    answer: ({ view, params: { namespace, fanOut: name, id }, query, signal }) =>
      view.events.stories.tellJob({ kind: 'FanOut', namespace, name }, id, query, signal),
  }),
  route({
    method: 'DELETE',
    path: job,
    does: 'Cancels it.',
    needs: 'operate',
    where: 'path',
    answer: ({ view, params: { namespace, fanOut, id } }) => view.events.fanOuts.cancel(namespace, fanOut, id),
  }),
  route({
    method: 'GET',
    path: `${job}/failed`,
    does: 'Lists its items that were given up.',
    needs: 'view',
    where: 'path',
    query: ['limit', 'after'],
    answer({ view, params: { namespace, fanOut, id }, query: { limit, after } }) {
      const page = { limit: readLimit(limit), ...(after === undefined ? {} : { after }) };
      return view.events.fanOuts.failed(namespace, fanOut, id, page);
    },
  }),
  route({
    method: 'GET',
    path: `${job}/items`,
    does: 'Counts its items by what became of them, in groups of neighbours.',
    needs: 'view',
    where: 'path',
    query: ['groups'],
    answer: ({ view, params: { namespace, fanOut, id }, query: { groups } }) =>
      view.events.fanOuts.items(namespace, fanOut, id, readCount('groups', groups, MOST_GROUPS)),
  }),
  route({
    method: 'POST',
    path: `${job}/redrive`,
    does: 'Retries its failed items.',
    needs: 'operate',
    where: 'path',
    answer: ({ view, params: { namespace, fanOut, id } }) => view.events.fanOuts.redrive(namespace, fanOut, id),
  }),
];

function toState(text: string) {
  const state = fanOutStates.find(each => each === text);
  if (state) return state;
  throw new TenfoldError('bad-request', `A job is ${fanOutStates.join(', ')}; not "${text.slice(0, 40)}".`);
}
