// The endpoints of Stranglers: how their features do, and moving them.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { PHASES } from '../../../gateway/strangler/phase/phase-state.ts';
import type { FeatureMove } from '../../platform-view.ts';
import { type AdminRoute, route } from '../../routing/route.ts';

const reason = z.string().max(500).optional();
const force = z.boolean().default(false);
const moveBody = z.strictObject({ reason });
const promoteBody = z.strictObject({
  reason,
  force,
  to: z.strictObject({ phase: z.enum(PHASES), percent: z.int().min(0).max(100) }).optional(),
});
const phaseBody = z.strictObject({
  phase: z.enum(PHASES, `This must be one of ${PHASES.join(', ')}.`),
  percent: z.int().min(0).max(100).optional(),
  reason,
  force,
});

const feature = '/stranglers/:namespace/:name/features/:feature';
const MOVED = 'Moved by command.';

export const stranglerRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/stranglers',
    does: 'Lists Stranglers with the reports of their features.',
    needs: 'view',
    where: 'query',
    query: ['namespace'],
    answer: ({ view, query: { namespace } }) => ({
      items: view.stranglers.list().filter(each => namespace === undefined || each.namespace === namespace),
    }),
  }),
  route({
    method: 'GET',
    path: '/stranglers/:namespace/:name',
    does: 'Shows one of them.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params: { namespace, name } }) => view.stranglers.get(namespace, name),
  }),
  moveRoute('PUT', 'phase', 'Puts the feature into a phase.', phaseBody, body => {
    const { phase, percent, reason: why = 'Set by command.', force: insists } = body;
    if (percent !== undefined && phase !== 'canary') {
      throw new TenfoldError('bad-request', `A percentage belongs to the phase canary, not to ${phase}.`);
    }
    return { action: 'set', phase, percent, reason: why, force: insists };
  }),
  moveRoute('POST', 'promote', 'Takes the feature one step on.', promoteBody, body => ({
    action: 'promote',
    reason: body.reason ?? MOVED,
    force: body.force,
    ...(body.to && { to: body.to }),
  })),
  // Nothing holds a way back up, so there is nothing to insist on.
  moveRoute('POST', 'back-out', 'Returns the feature to legacy.', moveBody, body => ({
    action: 'back-out',
    reason: body.reason ?? MOVED,
  })),
];

function moveRoute<B>(
  method: 'PUT' | 'POST',
  way: string,
  does: string,
  schema: z.ZodType<B>,
  toMove: (body: B) => FeatureMove,
): AdminRoute {
  return route({
    method,
    path: `${feature}/${way}`,
    does,
    needs: 'operate',
    where: 'path',
    body: { schema, limit: '4kb' },
    answer: ({ view, params, body }) =>
      view.stranglers.move(params.namespace, params.name, params.feature, toMove(body)),
  });
}
