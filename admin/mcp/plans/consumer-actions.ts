// Plans of actions on one consumer or one View: pauses, replays and rebuilds.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import type { List } from '../../api.ts';
import type { ConsumerReport, ViewReport } from '../../event-view.ts';
import { type ApiCalls, pathOf, queryOf } from '../api-calls.ts';
import { name } from '../tools/inputs.ts';
import { type Action, defineAction } from './action.ts';

const kind = z.string().max(64);

function readConsumer(
  { kind: of, namespace, name: called }: { readonly kind: string; readonly namespace: string; readonly name: string },
  api: ApiCalls,
  signal: AbortSignal,
): Promise<ConsumerReport> {
  return api.call('GET', `consumers/${pathOf(of, namespace, called)}`, {}, undefined, signal);
}

function switchAction(action: 'pause' | 'resume'): Action {
  return defineAction({
    needs: 'operate',
    order: z.strictObject({ action: z.literal(action), kind, namespace: name, name }),
    async preview(order, api, signal) {
      const report = await readConsumer(order, api, signal);
      const { state, pausedByCommand, lag, inFlight } = report;
      const who = `${order.kind} "${order.name}" in namespace "${order.namespace}" (${state})`;
      const waits = `${lag ?? 'An unknown number of'} events wait for it, and ${inFlight} are in flight.`;
      const isSo = pausedByCommand === (action === 'pause');
      return {
        says: isSo
          ? `There is nothing to do: ${who} is ${action === 'pause' ? 'paused' : 'not paused'} by command.`
          : `It would ${action} ${who}. ${waits}`,
        data: report,
        facts: { pausedByCommand },
        ...(isSo ? { nothing: true as const } : {}),
      };
    },
    act: (order, api, signal) =>
      api.call('POST', `consumers/${pathOf(order.kind, order.namespace, order.name, action)}`, {}, undefined, signal),
  });
}

const replay = defineAction({
  needs: 'operate',
  order: z.strictObject({
    action: z.literal('replay'),
    kind: z.literal('Subscription').optional(),
    namespace: name,
    name,
    from: z.union([z.literal('earliest'), z.iso.datetime({ offset: true })]),
    toFunction: name.optional(),
  }),
  async preview({ namespace, name: called, from, toFunction }, api, signal) {
    const report = await readConsumer({ kind: 'Subscription', namespace, name: called }, api, signal);
    const query = queryOf({ kind: 'Subscription', namespace });
    const all = await api.call<List<ConsumerReport>>('GET', 'consumers', query, undefined, signal);
    const replays = all.items.filter(({ replayOf }) => replayOf === called).map(each => each.name);
    const target = toFunction === undefined ? report.target : `function ${toFunction}`;
    const topic = all.items.length === 0 ? '' : ` It has ${replays.length} replays now.`;
    return {
      says: `It would deliver all events of the topic of Subscription "${called}" from ${from} on once more, to ${target}, beside the Subscription and without moving it.${topic}`,
      data: report,
      facts: { replays },
    };
  },
  act({ namespace, name: called, from, toFunction }, api, signal) {
    const body = { from: from === 'earliest' ? from : Date.parse(from), toFunction };
    return api.call('POST', `consumers/Subscription/${pathOf(namespace, called)}/replays`, {}, body, signal);
  },
});

const endReplay = defineAction({
  needs: 'operate',
  order: z.strictObject({
    action: z.literal('end-replay'),
    kind: z.literal('Subscription').optional(),
    namespace: name,
    name,
  }),
  async preview({ namespace, name: called }, api, signal) {
    const report = await readConsumer({ kind: 'Subscription', namespace, name: called }, api, signal);
    const { replayOf, lag } = report;
    if (replayOf === undefined)
      throw new TenfoldError('conflict', `"${called}" is no replay. Only a replay can be ended.`);
    const left = lag ?? 'an unknown number of';
    return {
      says: `It would end and forget the replay "${called}" of Subscription "${replayOf}"; it would not deliver ${left} events that are left.`,
      data: report,
      facts: { replayOf },
    };
  },
  act: ({ namespace, name: called }, api, signal) =>
    api.call('DELETE', `consumers/Subscription/${pathOf(namespace, called)}`, {}, undefined, signal),
});

const rebuild = defineAction({
  needs: 'operate',
  order: z.strictObject({ action: z.literal('rebuild'), kind: z.literal('View').optional(), namespace: name, name }),
  async preview({ namespace, name: called }, api, signal) {
    const report = await api.call<ViewReport>('GET', `views/${pathOf(namespace, called)}`, {}, undefined, signal);
    const { generation, building } = report;
    const now = building === undefined ? '' : ' A build is under way already.';
    return {
      says: `It would build View "${called}" in namespace "${namespace}" anew from all events that its topics hold, while the old generation answers.${now}`,
      data: report,
      facts: { generation, building: building?.generation },
    };
  },
  act: ({ namespace, name: called }, api, signal) =>
    api.call('POST', `views/${pathOf(namespace, called)}/rebuild`, {}, undefined, signal),
});

export const consumerActions = {
  pause: switchAction('pause'),
  resume: switchAction('resume'),
  replay,
  'end-replay': endReplay,
  rebuild,
};
