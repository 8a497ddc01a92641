// The reports of a dispatcher as lines of the platform's log: only those that somebody may have to
// act on.
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import { type DispatchObserver, silentObserver } from '../../../worker/dispatch/observer.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { createTopicTrouble } from './topic-trouble.ts';

export function createDispatchLog(plan: ConsumerPlan, log: GatewayLog): DispatchObserver {
  const { kind, namespace, name } = nameOfConsumer(plan);
  return logAs(`${kind}/${namespace}/${name}${plan.role === 'callbacks' ? '/callbacks' : ''}`, log);
}

export function logAs(consumer: string, log: GatewayLog): DispatchObserver {
  const who = { consumer };
  const texts = {
    madeAgain:
      'its topic was deleted and made again: it goes on at the first event; what was not delivered of the earlier one is gone',
    deleted: 'events were deleted by retention before they were delivered',
  };
  return {
    ...silentObserver,
    ...createTopicTrouble({ who, log, texts }),
    deadLettered({ partition, offset, reason, error, attempts, held, record }) {
      const message = held ? 'an event was given up; its key waits for a person' : 'an event was given up';
      const id = record.headers['ce_id'];
      log('warn', message, {
        ...who,
        id: `${partition}-${offset}`,
        event: id,
        reason,
        attempts,
        error: error?.message,
      });
    },
    parkingLogLost: (partition, parkingLog) =>
      log('error', 'the topic with what waited to be tried again was deleted: those events are gone', {
        ...who,
        partition,
        topic: parkingLog,
      }),
    superseded: (partition, why) => log('info', 'a partition has another owner', { ...who, partition, why }),
    tripped: failing =>
      log(
        failing ? 'warn' : 'info',
        failing ? 'the target is down and left alone but for a few calls' : 'the target answers again',
        who,
      ),
    askedForLong: ms =>
      log('warn', 'the target asks to be left alone for long: it is called once a minute until it answers', {
        ...who,
        askedForSeconds: Math.round(ms / 1000),
      }),
  };
}
