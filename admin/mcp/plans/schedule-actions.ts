// Plans of actions on schedules: runs by hand, pauses and their ends. The API itself plans them.
import * as z from 'zod';
import type { ScheduleAction, ScheduleActionPlan } from '../../commands/schedule-view.ts';
import { pathOf } from '../api-calls.ts';
import { name } from '../tools/inputs.ts';
import { type Action, defineAction } from './action.ts';

function scheduleAction<A extends ScheduleAction>(does: A): Action {
  return defineAction({
    needs: 'operate',
    order: z.strictObject({
      action: z.literal(`${does}-schedule`),
      kind: name,
      namespace: name,
      name,
      id: name,
      // Only tokens of plans have it: the state that the person who decided has seen.
      token: z.string().max(100).optional(),
    }),
    async preview(order, api, signal) {
      const where = `schedules/${pathOf(order.kind, order.namespace, order.name, order.id, 'plan')}`;
      const { says, schedule, token } = await api.call<ScheduleActionPlan>('POST', where, {}, { action: does }, signal);
      return {
        says: says.join(' '),
        data: schedule,
        facts: { token },
        order: { ...order, token },
        ...(token === undefined ? { nothing: true as const } : {}),
      };
    },
    act({ kind, namespace, name: called, id, token }, api, signal) {
      return api.call('POST', `schedules/${pathOf(kind, namespace, called, id, does)}`, {}, { token }, signal);
    },
  });
}

export const schedulePlans = {
  'run-schedule': scheduleAction('run'),
  'pause-schedule': scheduleAction('pause'),
  'resume-schedule': scheduleAction('resume'),
};
