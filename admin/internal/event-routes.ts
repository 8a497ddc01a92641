// The endpoints of topics and consumers: how they do, pausing and replaying.
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import type { ConsumerName } from '../consumer-name.ts';
import type { ConsumerReport } from '../event-view.ts';
import type { PlatformView } from '../platform-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { toConsumerName } from './consumer-name.ts';

const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const replayBody = z.strictObject({
  from: z.union([z.literal('earliest'), z.int().min(0)], 'This must be "earliest", or milliseconds since 1970.'),
  toFunction: z.string().max(253).regex(NAME, 'This must be the name of a Function.').optional(),
});

const consumer = '/consumers/:kind/:namespace/:name';

export const eventRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/topics',
    does: 'Lists topics, and how many events they hold.',
    needs: 'view',
    where: 'query',
    query: ['namespace'],
    answer: async ({ view, query }) => ({ items: (await view.events.topics()).filter(each => isMeant(each, query)) }),
  }),
  route({
    method: 'GET',
    path: '/pipelines',
    does: 'Lists Pipelines: their progress, and what was set aside.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'name'],
    answer: async ({ view, query }) => ({
      items: (await view.events.pipelines()).filter(each => isMeant(each, query)),
    }),
  }),
  route({
    method: 'GET',
    path: '/pipelines/:namespace/:name/windows',
    does: 'Lists the windows of a Pipeline that still count, by their time.',
    needs: 'view',
    where: 'path',
    answer: async ({ view, params: { namespace, name }, signal }) => ({
      items: await view.events.openWindows(namespace, name, signal),
    }),
  }),
  route({
    method: 'GET',
    path: '/consumers',
    does: 'Lists consumers of topics and queues: lag, events in flight, parked and dead.',
    needs: 'view',
    where: 'query',
    query: ['kind', 'namespace', 'name'],
    answer: async ({ view, query }) => ({
      items: (await view.events.consumers()).filter(
        each => isMeant(each, query) && (query.kind === undefined || query.kind === each.kind),
      ),
    }),
  }),
  route({
    method: 'GET',
    path: consumer,
    does: 'Shows one of them.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params }) => find(view, toConsumerName(params)),
  }),
  route({
    method: 'DELETE',
    path: consumer,
    does: 'Ends a replay.',
    needs: 'operate',
    where: 'path',
    answer: ({ view, params }) => view.events.endReplay(toConsumerName(params)),
  }),
  switchRoute('pause', 'Pauses it until it is resumed.'),
  switchRoute('resume', 'Resumes it.'),
  route({
    method: 'POST',
    path: '/consumers/Subscription/:namespace/:name/replays',
    does: 'Starts a replay beside the Subscription.',
    needs: 'operate',
    where: 'path',
    body: { schema: replayBody, limit: '4kb' },
    status: 201,
    async answer({ view, params: { namespace, name }, body: { from, toFunction } }) {
      const replay = await view.events.replay({
        namespace,
        subscription: name,
        from,
        ...(toFunction === undefined ? {} : { toFunction }),
      });
      return find(view, replay);
    },
  }),
];

function switchRoute(action: 'pause' | 'resume', does: string): AdminRoute {
  return route({
    method: 'POST',
    path: `${consumer}/${action}`,
    does,
    needs: 'operate',
    where: 'path',
    async answer({ view, params }) {
      const name = toConsumerName(params);
      await view.events[action](name);
      return find(view, name);
    },
  });
}

async function find({ events }: PlatformView, { kind, namespace, name }: ConsumerName): Promise<ConsumerReport> {
  const found = (await events.consumers()).find(
    each => each.kind === kind && each.namespace === namespace && each.name === name,
  );
  if (found) return found;
  throw new TenfoldError('not-found', `There is no ${kind} "${name}" in namespace "${namespace}".`);
}

interface Wanted {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

function isMeant(one: { readonly namespace: string; readonly name: string }, { namespace, name }: Wanted): boolean {
  return (namespace === undefined || one.namespace === namespace) && (name === undefined || one.name === name);
}
