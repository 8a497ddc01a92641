// The tools that change something, in two steps: a plan, which changes nothing and says what would
// be done to how many, and the act, which takes nothing but the token of a plan.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import type { Verb } from '../../access/caller.ts';
import type { CallerRights } from '../../access/scope.ts';
import type { ApiCalls } from '../api-calls.ts';
import type { Action } from '../plans/action.ts';
import { consumerActions } from '../plans/consumer-actions.ts';
import { changeActions, manyActions, operationFields, startAction } from '../plans/operation-actions.ts';
import { cacheField, otherActions } from '../plans/other-actions.ts';
import { readPlan, sealOf, signPlan } from '../plans/plan-token.ts';
import { schedulePlans } from '../plans/schedule-actions.ts';
import { defineTool } from '../tool.ts';
import { name, part } from './inputs.ts';

const actions: Readonly<Record<string, Action>> = {
  ...manyActions,
  ...consumerActions,
  ...changeActions,
  ...otherActions,
  ...schedulePlans,
};

const named = z.object({ action: z.string(), namespace: z.string().optional() });

export const planTools = [
  defineTool({
    name: 'plan',
    does: 'Plans an action and changes nothing: says what would be done to how many, and gives a token for "act". redrive, edit, skip and purge are for dead letters; retry-now and give-up for parked keys; cancel for jobs of a Queue; cancel-job and redrive-job for a FanOut; promote, back-out and set-phase for a feature of a Strangler; rebuild for a View.',
    input: z.strictObject({
      action: z.enum(Object.keys(actions) as [string, ...string[]]),
      namespace: name.optional(),
      name: name.optional(),
      id: name.describe('Id of an operation or a job, or name of a schedule').optional(),
      ...operationFields,
      from: z.string().max(64).describe('replay: earliest, or RFC 3339').optional(),
      toFunction: name.optional(),
      feature: name.optional(),
      phase: z.string().max(40).optional(),
      percent: z.int().min(0).max(100).optional(),
      why: z.string().max(500).optional(),
      force: z.boolean().optional(),
      answers: cacheField,
      part,
    }),
    async answer({ part: _part, ...asked }, { api, secret, now }, signal) {
      const action = actions[asked.action];
      if (action === undefined) throw new TenfoldError('bad-request', `There is no action "${asked.action}".`);
      const order = asked.action === 'purge-cache' ? asked : { ...asked, namespace: asked.namespace ?? 'default' };
      await requireRight(action.needs, order.namespace, api, signal);
      const preview = await action.preview(order, api, signal);
      const { says, data } = preview;
      if (preview.nothing) return { says: [says], data };
      const seen = sealOf(preview.facts);
      const token = signPlan({ order: preview.order ?? order, seen }, secret, now());
      const next = `Nothing is changed yet. If somebody who may decide wants it, call "act" within ten minutes with {"token": "${token}"}.`;
      return { says: [says, next], data };
    },
  }),
  defineTool({
    name: 'act',
    does: 'Carries out a plan by its token, once. It is refused where things are no longer as the plan saw them.',
    changes: true,
    input: z.strictObject({ token: z.string().min(1).max(8192), part }),
    async answer({ token }, { api, secret, used, now }, signal) {
      const { order, seen } = readPlan(token, secret, now());
      const { action: called } = named.parse(order);
      const action = called === 'start' ? startAction : actions[called];
      if (action === undefined) throw new TenfoldError('bad-request', `There is no action "${called}".`);
      // Before anything is awaited, so that one of two calls at once is refused.
      used.take(token, now());
      const { facts } = await action.preview(order, api, signal);
      if (sealOf(facts) !== seen)
        throw new TenfoldError('conflict', 'Things are no longer as the plan saw them. Nothing is done: plan again.');
      const done = await action.act(order, api, signal);
      return { says: ['It is done, or has begun. The audit log has it.'], data: done ?? {} };
    },
  }),
];

/** The API checks each act, too. A plan that could not be carried out should not be made. */
async function requireRight(verb: Verb, namespace: string | undefined, api: ApiCalls, signal: AbortSignal) {
  const { everywhere, namespaces, name: who } = await api.call<CallerRights>('GET', 'caller', {}, undefined, signal);
  const there = namespaces.find(each => each.namespace === namespace)?.may ?? [];
  if ([...everywhere, ...there].includes(verb)) return;
  const where = namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`;
  throw new TenfoldError(
    'forbidden',
    `"${who}" may not ${verb} ${where}. Ask an administrator, or plan something else.`,
  );
}
