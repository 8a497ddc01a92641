// The reports of a dispatcher as lines of the platform's log: only those that somebody may have to
// act on.
import { type Cause, causeText } from '../../../core/cause.ts';
import type { Failure } from '../../../core/failure.ts';
import { parseTraceparent } from '../../../core/trace-context.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { GatewayLog } from '../../../gateway/gateway-log.ts';
import { type DispatchObserver, silentObserver } from '../../../worker/dispatch/observer.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { limitedLines } from './limited-lines.ts';
import { createTopicTrouble } from './topic-trouble.ts';

/** One consumer writes so many lines about failed attempts. */
const FAILURE_LINES = { most: 10, everyMs: 10_000 };

export function createDispatchLog(
  world: Pick<World, 'monotonic'>,
  plan: ConsumerPlan,
  log: GatewayLog,
): DispatchObserver {
  const { kind, namespace, name } = nameOfConsumer(plan);
  return logAs(world, `${kind}/${namespace}/${name}${plan.role === 'callbacks' ? '/callbacks' : ''}`, log);
}

export function logAs(world: Pick<World, 'monotonic'>, consumer: string, log: GatewayLog): DispatchObserver {
  const who = { consumer };
  const mayWrite = limitedLines(() => world.monotonic(), FAILURE_LINES);
  const texts = {
    madeAgain:
      'its topic was deleted and made again: it goes on at the first event; what was not delivered of the earlier one is gone',
    deleted: 'events were deleted by retention before they were delivered',
  };
  return {
    ...silentObserver,
    ...createTopicTrouble({ who, log, texts }),
    failed({ partition, record, attempt, reason, error, next, givenUp }) {
      const leftOut = mayWrite();
      if (leftOut === undefined) return;
      log('warn', 'an attempt at an event failed', {
        ...who,
        ...aboutEvent(partition, record),
        attempt,
        reason,
        ...aboutFailure(error, record),
        ...(next === undefined ? {} : { next: toTimestamp(next) }),
        ...(givenUp === undefined ? {} : { givenUp }),
        ...(leftOut === 0 ? {} : { leftOut }),
      });
    },
    deadLettered({ partition, offset, reason, error, attempts, held, record }) {
      const message = held ? 'an event was given up; its key waits for a person' : 'an event was given up';
      log('warn', message, {
        ...who,
        ...aboutEvent(partition, { ...record, offset }),
        reason,
        attempts,
        ...(error === undefined ? {} : aboutFailure(error, record)),
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

function aboutEvent(partition: number, { offset, key, headers }: Pick<LogRecord, 'offset' | 'key' | 'headers'>) {
  return { id: `${partition}-${offset}`, event: headers['ce_id'], ...(key === null ? {} : { key }) };
}

/** The trace is that in which the event was published: each attempt continues it. */
function aboutFailure({ status, message, cause }: Failure, { headers }: Pick<LogRecord, 'headers'>) {
  const published = parseTraceparent(headers['traceparent'] ?? headers['ce_traceparent'])?.traceId;
  const { trace = published } = cause ?? {};
  return {
    ...(status === undefined ? {} : { status }),
    error: message,
    ...(cause === undefined ? {} : { cause: causeText(withoutTrace(cause)) }),
    ...(trace === undefined ? {} : { trace }),
  };
}

function withoutTrace({ trace: _, ...rest }: Cause): Cause {
  return rest;
}
