// The result of a join as an event: one event of each side, or one that no other belongs to.
import { DEPTH_HEADER } from '../../../core/wire.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { FlowItem } from '../flow/item.ts';
import { made } from '../flow/steps.ts';
import type { JoinPlan } from './join-plan.ts';
import type { OpenEvent } from './open-event.ts';

export interface JoinInit {
  readonly plan: JoinPlan;
  /** The beginning of ids; those of several joins of one pipeline differ. */
  readonly origin: string;
  readonly partition: number;
}

/** Between the places of both sides in an id. */
export const JOINED = '~';

const NOTHING = Buffer.alloc(0);

/**
 * `offset`: of the record that completes it. `by`: the event of that record; undefined where time
 * completes it.
 */
export function joinedItem(
  { plan, origin, partition }: JoinInit,
  [left, right]: readonly [OpenEvent | undefined, OpenEvent | undefined],
  offset: number,
  by: OpenEvent | undefined,
): FlowItem {
  const one = left ?? right;
  const last = by ?? one;
  if (one === undefined || last === undefined) throw new Error('A join makes nothing of no event.');
  const depth = String(Math.max(depthOf(left), depthOf(right)));
  const record: LogRecord = {
    offset,
    timestamp: last.timestamp,
    key: one.key,
    value: NOTHING,
    headers: { ...last.headers, [DEPTH_HEADER]: depth },
  };
  // The moment at which it is certain, in event time: results come in its order, as far as they
  // can.
  const time = left && right ? Math.max(left.time, right.time) : one.time + plan.within;
  const place = `${left?.place ?? ''}${JOINED}${right?.place ?? ''}`;
  const data = { ...(left?.event.data as object | undefined), [plan.as]: right?.event.data ?? null };
  const event = { ...one.event, time: toTimestamp(time) };
  return made({ event, place, cause: { partition, record } }, data, place, origin);
}

function depthOf(open: OpenEvent | undefined): number {
  return Number(open?.headers[DEPTH_HEADER] ?? 0);
}
