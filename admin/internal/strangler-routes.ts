// The endpoints of Stranglers: how their features do, and moving them.
import { json, type RequestHandler, Router } from 'express';
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import { PHASES } from '../../gateway/strangler/phase/phase-state.ts';
import type { FeatureMove, PlatformView } from '../platform-view.ts';
import { parseBody } from './body.ts';
import { only, onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

const reason = z.string().max(500).optional();
const force = z.boolean().default(false);
const moveBody = z.strictObject({ reason });
const promoteBody = z.strictObject({ reason, force });
const phaseBody = z.strictObject({
  phase: z.enum(PHASES, `This must be one of ${PHASES.join(', ')}.`),
  percent: z.int().min(0).max(100).optional(),
  reason,
  force,
});

export function stranglerRoutes(view: PlatformView): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/stranglers')
    .get((request, response) => {
      const { namespace } = readQuery(request.query, ['namespace']);
      const items = view.stranglers.list().filter(each => namespace === undefined || each.namespace === namespace);
      response.json({ items });
    })
    .all(onlyGet);
  router
    .route('/stranglers/:namespace/:name')
    .get((request, response) => {
      readQuery(request.query, []);
      response.json(view.stranglers.get(request.params.namespace, request.params.name));
    })
    .all(onlyGet);

  const feature = '/stranglers/:namespace/:name/features/:feature';
  const readBody = json({ limit: '4kb', strict: true });
  const move =
    (toMove: (body: unknown) => FeatureMove): RequestHandler<{ namespace: string; name: string; feature: string }> =>
    async (request, response) => {
      const { namespace, name, feature: which } = request.params;
      response.json(await view.stranglers.move(namespace, name, which, toMove(request.body ?? {})));
    };
  router
    .route(`${feature}/phase`)
    .put(
      readBody,
      move(body => {
        const { phase, percent, reason: why = 'Set by command.', force: insists } = parseBody(phaseBody, body);
        if (percent !== undefined && phase !== 'canary') {
          throw new TenfoldError('bad-request', `A percentage belongs to the phase canary, not to ${phase}.`);
        }
        return { action: 'set', phase, percent, reason: why, force: insists };
      }),
    )
    .all(only('PUT'));
  const moved = 'Moved by command.';
  const ways: Readonly<Record<'promote' | 'back-out', (body: unknown) => FeatureMove>> = {
    promote(body) {
      const { reason: why = moved, force: insists } = parseBody(promoteBody, body);
      return { action: 'promote', reason: why, force: insists };
    },
    // Nothing holds a way back up, so there is nothing to insist on.
    'back-out': body => ({ action: 'back-out', reason: parseBody(moveBody, body).reason ?? moved }),
  };
  for (const action of ['promote', 'back-out'] as const) {
    router.route(`${feature}/${action}`).post(readBody, move(ways[action])).all(only('POST'));
  }
  return router;
}
