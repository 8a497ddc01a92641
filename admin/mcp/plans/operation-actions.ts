// Plans of actions on many events, which the server finds, keeps and carries out; and what is done
// with such an operation later.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { type OperationPlan, type OperationReport, operationActions } from '../../commands/operation-view.ts';
import { pathOf } from '../api-calls.ts';
import { name } from '../tools/inputs.ts';
import { type Action, defineAction } from './action.ts';

const ids = z.array(z.string().min(1).max(128)).min(1).max(10_000);
const where = z.strictObject({
  key: z.string().max(4096).optional(),
  reason: z.string().max(64).optional(),
  text: z.string().max(1000).optional(),
  group: z.string().max(64).optional(),
  olderThan: z.string().max(32).optional(),
  newerThan: z.string().max(32).optional(),
  held: z.boolean().optional(),
  state: z.string().max(40).optional(),
});

export const operationFields = {
  kind: z.string().max(64).optional(),
  ids: ids.optional(),
  where: where.describe('In place of ids; {} means all').optional(),
  merge: z.record(z.string(), z.unknown()).describe('edit: JSON merge patch of the data').optional(),
  rate: z.int().min(1).max(100_000).describe('Items a second').optional(),
};

const onMany = z
  .strictObject({
    action: z.enum(operationActions),
    kind: z.string().max(64),
    namespace: name,
    name,
    ids: ids.optional(),
    where: where.optional(),
    merge: operationFields.merge,
    rate: operationFields.rate,
  })
  .refine(order => (order.ids === undefined) !== (order.where === undefined), {
    message: 'Say which: either "ids", or "where" ({} means all).',
  });

/** A plan of items that come later does not have them: so the number that it says is the most. */
function manyAction(action: (typeof operationActions)[number]): Action {
  return defineAction({
    needs: action === 'purge' || action === 'edit' ? 'administer' : 'operate',
    order: onMany,
    async preview({ where: query, merge, ...order }, api, signal) {
      const body = { ...order, ...(query && { query }), ...(merge && { edit: { merge } }) };
      const { token, ...plan } = await api.call<OperationPlan>('POST', 'operations', {}, body, signal);
      const { namespace } = order;
      const what = `${action} ${plan.total} of ${order.kind} "${order.name}" in namespace "${namespace}"`;
      return {
        says: plan.total === 0 ? `There is nothing to do: the plan to ${what} finds none.` : `It would ${what}.`,
        data: plan,
        facts: factsOf(plan),
        ...(plan.total === 0 ? { nothing: true as const } : {}),
        order: { action: 'start', namespace, id: plan.id, token },
      };
    },
    act: () => Promise.reject(new TenfoldError('bad-request', 'It is started by the token of its plan.')),
  });
}

function factsOf({ id, state, total }: Pick<OperationReport, 'id' | 'state' | 'total'>): unknown {
  return { id, state, total };
}

/** Only tokens of plans hold this order. */
export const startAction = defineAction({
  needs: 'operate',
  order: z.strictObject({ action: z.literal('start'), namespace: name, id: name, token: z.string().max(64) }),
  async preview({ namespace, id }, api, signal) {
    const report = await api.call<OperationReport>('GET', `operations/${pathOf(namespace, id)}`, {}, undefined, signal);
    return { says: `Start operation ${id}.`, facts: factsOf(report) };
  },
  act: ({ namespace, id, token }, api, signal) =>
    api.call('POST', `operations/${pathOf(namespace, id)}/start`, {}, { token }, signal),
});

function changeAction(change: 'pause' | 'resume' | 'stop', ends: string): Action {
  return defineAction({
    needs: 'operate',
    order: z.strictObject({ action: z.literal(`${change}-operation`), namespace: name, id: name }),
    async preview({ namespace, id }, api, signal) {
      const where = `operations/${pathOf(namespace, id)}`;
      const report = await api.call<OperationReport>('GET', where, {}, undefined, signal);
      const { state, total, left, action } = report;
      const says = `It would ${change} operation ${id} (${action}, ${state}), of whose ${total} items ${left} are left. ${ends}`;
      return { says, data: report, facts: { state } };
    },
    act: ({ namespace, id }, api, signal) =>
      api.call('POST', `operations/${pathOf(namespace, id)}/${change}`, {}, undefined, signal),
  });
}

export const manyActions = Object.fromEntries(operationActions.map(action => [action, manyAction(action)])) as Readonly<
  Record<(typeof operationActions)[number], Action>
>;

export const changeActions = {
  'pause-operation': changeAction('pause', 'It can be resumed.'),
  'resume-operation': changeAction('resume', 'It goes on where it was.'),
  'stop-operation': changeAction('stop', 'Its results so far stay, and the rest is never done.'),
};
