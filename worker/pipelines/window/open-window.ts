// A window that still counts: of one key, from one moment to another.
import { parseExactly, toExactText } from '../../../core/units/whole-numbers.ts';
import type { Accumulator } from '../../aggregates/aggregate.ts';
import type { WindowPlan } from './window-plan.ts';

export interface OpenWindow {
  readonly key: string;
  start: number;
  /** Exclusive; moves with a session. */
  end: number;
  results: Accumulator[];
  /** Offset of the record that changed it last. */
  last: number;
  /** The window has changed since it was handed on. */
  unsent: boolean;
  /** The window was handed on though it is still open, as nothing came for long. */
  said: boolean;
  /** The window has changed since it was written. */
  unsaved: boolean;
  /**
   * A session that has become part of another, or a window that was closed. Nothing uses it any
   * more.
   */
  gone: boolean;
  /** How many events the window has counted since it has early results. */
  counted: number;
  /** When its next early result is due, by the clock of the log; infinite: no such result. */
  due: number;
}

/** The order of results of one moment. */
export function inResultOrder(one: OpenWindow, other: OpenWindow): number {
  return one.end - other.end || one.start - other.start || (one.key < other.key ? -1 : 1);
}

/** Name of its row: a session that has moved has another. */
export function rowOf({ key, start }: Pick<OpenWindow, 'key' | 'start'>): string {
  return `${start} ${key}`;
}

/** Longest key; the names made of it must fit the bounds of the store and the log. */
export const MAX_KEY = 512;

/**
 * One number holds `unsent` and `said`; without `said` it is as earlier releases wrote it. They
 * ignore what belongs to early results, as it stands behind all else.
 */
export function encodeWindow({ key, start, end, results, last, unsent, said, counted, due }: OpenWindow): string {
  const state = (unsent ? 1 : 0) + (said ? 2 : 0);
  const early = counted === 0 ? [] : [counted, Number.isFinite(due) ? due : null];
  return toExactText([key, start, end, last, state, ...results.map(each => each.save()), ...early]);
}

export function decodeWindow(text: string, { aggregates }: Pick<WindowPlan, 'aggregates'>): OpenWindow {
  const saved: unknown = parseExactly(text);
  const [key, start, end, last, state, ...results] = Array.isArray(saved) ? saved : [];
  const [counted, due] = results.slice(aggregates.length);
  return {
    key: String(key),
    start: Number(start),
    end: Number(end),
    last: Number(last),
    unsent: state === 1 || state === 3,
    said: state === 2 || state === 3,
    unsaved: false,
    gone: false,
    counted: Number(counted ?? 0),
    due: Number(due ?? Number.POSITIVE_INFINITY),
    results: aggregates.map(({ create }, index) => create(results[index])),
  };
}

/** The time of a stored window, without what it has counted. */
export function timeOfWindow(text: string): Pick<OpenWindow, 'start' | 'end'> {
  const saved: unknown = JSON.parse(text);
  const [, start, end] = Array.isArray(saved) ? saved : [];
  return { start: Number(start), end: Number(end) };
}

export function openWindow(
  { aggregates }: Pick<WindowPlan, 'aggregates'>,
  key: string,
  start: number,
  end: number,
): OpenWindow {
  const results = aggregates.map(({ create }) => create());
  const flags = { unsent: false, said: false, unsaved: false, gone: false };
  return { key, start, end, results, last: 0, ...flags, counted: 0, due: Number.POSITIVE_INFINITY };
}
