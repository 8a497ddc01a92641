// Plans of actions on jobs of FanOuts, on features of Stranglers and on the response cache.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import type { FeatureReport, StranglerReport } from '../../../gateway/strangler/report.ts';
import type { FanOutSummary } from '../../fan-out-view.ts';
import type { CacheReport } from '../../policy-view.ts';
import { pathOf, queryOf } from '../api-calls.ts';
import { name } from '../tools/inputs.ts';
import { type Action, defineAction } from './action.ts';

function fanOutAction(action: 'cancel-job' | 'redrive-job'): Action {
  return defineAction({
    needs: 'operate',
    order: z.strictObject({
      action: z.literal(action),
      kind: z.literal('FanOut').optional(),
      namespace: name,
      name,
      id: name,
    }),
    async preview({ namespace, name: called, id }, api, signal) {
      const where = `fan-outs/jobs/${pathOf(namespace, called, id)}`;
      const job = await api.call<FanOutSummary>('GET', where, {}, undefined, signal);
      const { items, state, redriven } = job;
      const does =
        action === 'cancel-job'
          ? `cancel job ${id} of FanOut "${called}" (${state}): ${items.open} of ${items.total} items are open`
          : `deliver the ${items.failed} failed items of job ${id} of FanOut "${called}" once more`;
      return { says: `It would ${does}.`, data: job, facts: { state, redriven, failed: items.failed } };
    },
    act({ namespace, name: called, id }, api, signal) {
      const where = `fan-outs/jobs/${pathOf(namespace, called, id)}`;
      if (action === 'cancel-job') return api.call('DELETE', where, {}, undefined, signal);
      return api.call('POST', `${where}/redrive`, {}, undefined, signal);
    },
  });
}

const MOVES = { promote: 'promote', 'back-out': 'back-out', 'set-phase': 'phase' } as const;

function moveAction(action: keyof typeof MOVES): Action {
  const order = z.strictObject({
    action: z.literal(action),
    kind: z.literal('Strangler').optional(),
    namespace: name,
    name,
    feature: name,
    why: z.string().max(500).optional(),
    force: z.boolean().optional(),
    phase: z.string().max(40).optional(),
    percent: z.int().min(0).max(100).optional(),
    // Only tokens of plans have it: the step that the person who decided has seen.
    to: z.strictObject({ phase: z.string().max(40), percent: z.int().min(0).max(100) }).optional(),
  });
  return defineAction({
    needs: 'operate',
    order,
    async preview(asked, api, signal) {
      const { namespace, name: called, feature, phase } = asked;
      const where = `stranglers/${pathOf(namespace, called)}`;
      const report = await api.call<StranglerReport>('GET', where, {}, undefined, signal);
      const found = report.features.find(each => each.name === feature);
      if (found === undefined)
        throw new TenfoldError('not-found', `Strangler "${called}" has no feature "${feature}".`);
      if ((phase !== undefined) !== (action === 'set-phase'))
        throw new TenfoldError('bad-request', 'The phase is said for "set-phase", and for no other action.');
      const what = `feature "${feature}" of Strangler "${called}" in namespace "${namespace}", which is in phase ${found.phase} at ${found.percent}%`;
      const facts = standing(found);
      if (action !== 'promote') return { says: `It would ${moveOf(asked)} ${what}.`, data: found, facts };
      if (found.next === undefined)
        return { says: `There is nothing to do: no step leads on from ${what}.`, data: found, facts, nothing: true };
      const { phase: next, percent } = found.next;
      const says = `It would promote ${what}, to phase ${next} at ${percent}%.`;
      return { says, data: found, facts, order: { ...asked, to: { phase: next, percent } } };
    },
    act({ namespace, name: called, feature, why, force, phase, percent, to }, api, signal) {
      const where = `stranglers/${pathOf(namespace, called, 'features', feature, MOVES[action])}`;
      const body = { reason: why, phase, percent, to, ...(action === 'back-out' ? {} : { force }) };
      return api.call(action === 'set-phase' ? 'PUT' : 'POST', where, {}, body, signal);
    },
  });
}

interface Move {
  readonly action: string;
  readonly phase?: string | undefined;
  readonly percent?: number | undefined;
}

function moveOf({ action, phase, percent }: Move): string {
  if (phase === undefined) return action;
  return `put into phase ${phase}${percent === undefined ? '' : ` ${percent}%`}`;
}

/** Only what all gateways know: each one's list of moves is its own. */
function standing({ phase, percent, switched }: FeatureReport): unknown {
  return { phase, percent, switched: switched?.at };
}

const shortText = z.string().max(1000).optional();

const selector = z.strictObject({
  api: name.optional(),
  route: shortText,
  path: shortText,
  prefix: shortText,
  tag: shortText,
});

export const cacheField = selector.describe('purge-cache: which answers; {} means all').optional();

const purgeCache = defineAction({
  needs: 'operate',
  order: z.strictObject({ action: z.literal('purge-cache'), namespace: name.optional(), answers: selector }),
  async preview({ namespace, answers }, api, signal) {
    const cache = await api.call<CacheReport>('GET', 'cache', {}, undefined, signal);
    const given = Object.keys(answers).join(' and ');
    const which = given === '' ? 'all' : `those with the ${given} below`;
    const where = namespace === undefined ? 'all namespaces' : `namespace "${namespace}"`;
    return {
      says: `It would forget ${which} of the cached answers in ${where}. The process that was asked has ${cache.answers} in all.`,
      data: { answers },
      facts: {},
    };
  },
  act({ namespace, answers }, api, signal) {
    const isAll = namespace === undefined && Object.keys(answers).length === 0;
    return api.call('DELETE', 'cache', queryOf({ namespace, ...answers, all: isAll || undefined }), undefined, signal);
  },
});

export const otherActions = {
  'cancel-job': fanOutAction('cancel-job'),
  'redrive-job': fanOutAction('redrive-job'),
  promote: moveAction('promote'),
  'back-out': moveAction('back-out'),
  'set-phase': moveAction('set-phase'),
  'purge-cache': purgeCache,
};
