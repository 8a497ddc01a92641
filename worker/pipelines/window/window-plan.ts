// The plan that a window step compiles to.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import { argumentOf } from '../../../resources/references/window-aggregate.ts';
import type { Resource } from '../../../resources/resource.ts';
import { type Aggregate, compileAggregate } from '../../aggregates/compile-aggregate.ts';
import { compileValue } from '../../aggregates/compile-value.ts';
import { createTimeParser } from './fast-time.ts';

export type WindowSpec = NonNullable<Resource<'Pipeline'>['spec']['steps'][number]['window']>;

/** A value may be infinite: then it gives no early result. */
export interface EarlyPlan {
  /** Milliseconds from the first event that a window has counted since its last result. */
  readonly every: number;
  readonly events: number;
}

/** The `due` of a window that has no early result to come. */
export const NOT_DUE = Number.POSITIVE_INFINITY;

export interface WindowPlan {
  /** `gap`: of sessions, which have no fixed size; then `size` is the longest. */
  readonly shape:
    | { readonly kind: 'fixed'; readonly size: number; readonly every: number }
    | { readonly kind: 'session'; readonly gap: number; readonly size: number };
  readonly keyOf: (event: CloudEvent) => string;
  readonly keyed: boolean;
  readonly aggregates: readonly Aggregate[];
  /** All expressions over an event, without `${}`. */
  readonly expressions: readonly string[];
  readonly lateness: number;
  readonly changes: boolean;
  /** Undefined: no early results. */
  readonly early: EarlyPlan | undefined;
  /** How much events may come out of order. */
  readonly disorder: number;
  /**
   * A source that is silent this long holds the others back only as far as it must. Infinite:
   * never.
   */
  readonly idle: number;
}

/** Windows that one event may belong to. */
export const MAX_OVERLAP = 1000;
/** Members of a result besides those that the window names. */
export const RESERVED = new Set(['key', 'start', 'end']);
/** A result has these as well where there are early results. */
export const RESERVED_EARLY = new Set(['pane', 'index']);

export function compileWindow(spec: WindowSpec, time: Resource<'Pipeline'>['spec']['time']): WindowPlan {
  const { tumbling, hopping, session, by, aggregate, allowedLateness, emit, early } = spec;
  const size = tumbling ?? hopping?.size ?? session?.max ?? 0;
  return {
    shape: session
      ? { kind: 'session', gap: session.gap, size: Math.max(size, session.gap) }
      : { kind: 'fixed', size, every: tumbling ?? hopping?.every ?? size },
    keyOf: by === undefined ? () => '' : compileKey(by),
    keyed: by !== undefined,
    aggregates: Object.entries(aggregate).map(([name, text]) => compileAggregate(name, text)),
    expressions: [
      ...(by === undefined ? [] : [by.slice(2, -1)]),
      time.of.slice(2, -1),
      ...Object.values(aggregate).flatMap(text => argumentOf(text)?.source ?? []),
    ],
    lateness: allowedLateness,
    changes: emit === 'changes',
    early: early && { every: early.every ?? NOT_DUE, events: early.events ?? NOT_DUE },
    disorder: time.maxDisorder,
    idle: time.idle === 'never' ? Number.POSITIVE_INFINITY : time.idle,
  };
}

export function compileKey(text: string): (event: CloudEvent) => string {
  const value = compileValue(text.slice(2, -1), scopeOf('event'), 'string');
  return event => String(value(event));
}

const PLAIN_TIME = '${event.time}';

/**
 * Milliseconds since 1970. An event without a time happened when it was appended, unless the
 * pipeline has an expression of its own.
 */
export function compileTime(text: string): (event: CloudEvent, record: LogRecord) => number {
  const value = compileValue(text.slice(2, -1), scopeOf('event'), 'timestamp');
  if (text.trim() !== PLAIN_TIME) return event => Number(value(event));
  const parse = createTimeParser();
  return (event, record) => {
    if (event.time === undefined) return record.timestamp;
    return parse(event.time) ?? Number(value(event));
  };
}
