// The result of a window as an event.
import { DEPTH_HEADER } from '../../../core/wire.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Item } from '../flow/item.ts';
import type { OpenWindow } from './open-window.ts';
import type { WindowPlan } from './window-plan.ts';

export interface ResultInit {
  readonly plan: WindowPlan;
  /** Name of the pipeline. */
  readonly pipeline: string;
  /** What ids begin with: those of several windows of one pipeline differ. */
  readonly origin: string;
  readonly partition: number;
}

/** Of what a result is said to be made: it goes where that would go, and is one hop further on. */
export interface ResultCause {
  readonly offset: number;
  readonly base: number;
  readonly timestamp: number;
  readonly depth: string;
}

const NOTHING = Buffer.alloc(0);

export function resultItem(
  { plan, pipeline, origin, partition }: ResultInit,
  window: OpenWindow,
  { offset, base, timestamp, depth }: ResultCause,
  /** Undefined: the window is said once, or for the first time. Else the offset of what changed it since. */
  change: number | undefined,
): Item {
  const { key, start, end } = window;
  const data: Record<string, unknown> = plan.keyed ? { key } : {};
  data['start'] = toTimestamp(start);
  data['end'] = toTimestamp(end);
  for (const [index, { name }] of plan.aggregates.entries()) data[name] = window.results[index]?.result();
  // With the same id always the same is said: a final result is said once, another after each change.
  const span = plan.shape.kind === 'session' ? `${start}-${end}` : String(start);
  const place = change === undefined ? `${span}/${key}` : `${span}/${key}/${partition}-${change}`;
  const record: LogRecord = { offset, timestamp, key, value: NOTHING, headers: { [DEPTH_HEADER]: depth } };
  return {
    event: {
      specversion: '1.0',
      id: `${origin}/${place}`,
      source: `/pipelines/${pipeline}`,
      type: 'WindowResult',
      ...(plan.keyed && key !== '' ? { subject: key } : {}),
      // The last moment that it counts, so that windows over windows add up.
      time: toTimestamp(end - 1),
      data,
    },
    place,
    cause: { partition, record, base },
  };
}
