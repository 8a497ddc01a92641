// The result of a window as an event.
import { DEPTH_HEADER } from '../../../core/wire.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { FlowItem } from '../flow/item.ts';
import type { OpenWindow } from './open-window.ts';
import type { WindowPlan } from './window-plan.ts';

export interface ResultInit {
  readonly plan: WindowPlan;
  /** Name of the pipeline. */
  readonly pipeline: string;
  /** The beginning of ids; those of several windows of one pipeline differ. */
  readonly origin: string;
  readonly partition: number;
}

/**
 * The cause that a result names: the result goes where the cause would go, and is one hop further
 * on.
 */
export interface ResultCause {
  readonly offset: number;
  readonly base: number;
  readonly timestamp: number;
  readonly depth: string;
}

export interface ResultKind {
  /**
   * Undefined: the window is closed, and this is its only result. Otherwise the offset of the last
   * change that the result counts.
   */
  readonly change: number | undefined;
  readonly isEarly?: boolean;
}

const NOTHING = Buffer.alloc(0);

export function resultItem(
  { plan, pipeline, origin, partition }: ResultInit,
  window: OpenWindow,
  { offset, base, timestamp, depth }: ResultCause,
  { change, isEarly = false }: ResultKind,
): FlowItem {
  const { key, start, end } = window;
  const data: Record<string, unknown> = plan.keyed ? { key } : {};
  data['start'] = toTimestamp(start);
  data['end'] = toTimestamp(end);
  if (plan.early) {
    data['pane'] = isEarly ? 'early' : 'final';
    data['index'] = window.counted;
  }
  for (const [index, { name }] of plan.aggregates.entries()) data[name] = window.results[index]?.result();
  // The same id always has the same content: the result of a closed window comes once,
  // another after each change.
  const span = plan.shape.kind === 'session' ? `${start}-${end}` : String(start);
  const until = isEarly ? `early/${partition}-${change}` : `${partition}-${change}`;
  const place = change === undefined ? `${span}/${key}` : `${span}/${key}/${until}`;
  const record: LogRecord = { offset, timestamp, key, value: NOTHING, headers: { [DEPTH_HEADER]: depth } };
  return {
    event: {
      specversion: '1.0',
      id: `${origin}/${place}`,
      source: `/pipelines/${pipeline}`,
      type: 'WindowResult',
      ...(plan.keyed && key !== '' ? { subject: key } : {}),
      // The last moment that the window counts, so that windows over windows add up.
      time: toTimestamp(end - 1),
      data,
    },
    place,
    cause: { partition, record, base },
  };
}
