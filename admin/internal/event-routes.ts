// The endpoints of topics and consumers: how they do, pausing and replaying.
import { json, Router } from 'express';
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import type { ConsumerName } from '../event-view.ts';
import type { PlatformView } from '../platform-view.ts';
import { parseBody } from './body.ts';
import { toConsumerName } from './consumer-name.ts';
import { only, onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const replayBody = z.strictObject({
  from: z.union([z.literal('earliest'), z.int().min(0)], 'This must be "earliest", or milliseconds since 1970.'),
  toFunction: z.string().max(253).regex(NAME, 'This must be the name of a Function.').optional(),
});

export function eventRoutes(view: PlatformView): Router {
  const { events } = view;
  const router = Router({ caseSensitive: true });
  const readBody = json({ limit: '4kb', strict: true });
  router
    .route('/topics')
    .get(async (request, response) => {
      const { namespace } = readQuery(request.query, ['namespace']);
      const items = (await events.topics()).filter(topic => namespace === undefined || topic.namespace === namespace);
      response.json({ items });
    })
    .all(onlyGet);
  router
    .route('/pipelines')
    .get(async (request, response) => {
      const { namespace, name } = readQuery(request.query, ['namespace', 'name']);
      const items = (await events.pipelines()).filter(
        each => (namespace === undefined || each.namespace === namespace) && (name === undefined || each.name === name),
      );
      response.json({ items });
    })
    .all(onlyGet);
  router
    .route('/consumers')
    .get(async (request, response) => {
      const wanted = readQuery(request.query, ['kind', 'namespace', 'name']);
      const items = (await events.consumers()).filter(
        ({ kind, namespace, name }) =>
          (wanted.kind === undefined || wanted.kind === kind) &&
          (wanted.namespace === undefined || wanted.namespace === namespace) &&
          (wanted.name === undefined || wanted.name === name),
      );
      response.json({ items });
    })
    .all(onlyGet);

  const consumer = '/consumers/:kind/:namespace/:name';
  const find = async ({ kind, namespace, name }: ConsumerName) => {
    const found = (await events.consumers()).find(
      each => each.kind === kind && each.namespace === namespace && each.name === name,
    );
    if (found) return found;
    throw new TenfoldError('not-found', `There is no ${kind} "${name}" in namespace "${namespace}".`);
  };
  router
    .route(consumer)
    .get(async (request, response) => {
      readQuery(request.query, []);
      response.json(await find(toConsumerName(request.params)));
    })
    .delete(async (request, response) => {
      await events.endReplay(toConsumerName(request.params));
      response.status(204).end();
    })
    .all((_request, response) => {
      response.setHeader('allow', 'GET, HEAD, DELETE');
      throw new TenfoldError('method-not-allowed', 'A consumer is read with GET, and a replay ended with DELETE.');
    });
  for (const action of ['pause', 'resume'] as const) {
    router
      .route(`${consumer}/${action}`)
      .post(async (request, response) => {
        const name = toConsumerName(request.params);
        await events[action](name);
        response.json(await find(name));
      })
      .all(only('POST'));
  }
  router
    .route('/consumers/Subscription/:namespace/:name/replays')
    .post(readBody, async (request, response) => {
      const { namespace, name } = request.params;
      const { from, toFunction } = parseBody(replayBody, request.body ?? {});
      const replay = await events.replay({
        namespace,
        subscription: name,
        from,
        ...(toFunction === undefined ? {} : { toFunction }),
      });
      response.status(201).json(await find(replay));
    })
    .all(only('POST'));
  return router;
}
