// Nothing that was acknowledged is lost, and the events of a key are delivered one after the other.
import type { Handler } from '../functions/work.ts';
import { type ChaosEvent, idOf } from './event.ts';

export interface Deliveries {
  readonly wrong: readonly string[];
  /** Events of a key have numbers from 1 on, and each is sent when the one before was acknowledged. */
  acknowledged(key: string, number: number): void;
  readonly handler: Handler;
  /** Keys are moving to other partitions: events of that time may overtake each other. */
  remaps(moving: boolean): void;
  /** Acknowledged and not handled. */
  open(): readonly string[];
  /** All that were acknowledged. */
  all(): readonly string[];
  readonly calls: number;
  /** Calls with an event that had been handled before. */
  readonly repeats: number;
}

interface KeyState {
  acknowledged: number;
  readonly begun: Set<number>;
  readonly handled: Set<number>;
  /** Numbers that were on their way while keys moved: from, to. */
  readonly moved: [number, number][];
}

export function createDeliveries(workMs: () => number): Deliveries {
  const keys = new Map<string, KeyState>();
  const wrong: string[] = [];
  let moving = false;
  let calls = 0;
  let repeats = 0;
  const stateOf = (key: string): KeyState => {
    const found = keys.get(key) ?? { acknowledged: 0, begun: new Set(), handled: new Set(), moved: [] };
    keys.set(key, found);
    return found;
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const hasMoved = ({ moved, acknowledged }: KeyState, number: number) =>
    moved.some(([from, to]) => number >= from && number <= to) ||
    // It has come before the acknowledgement.
    (moving && number > acknowledged);
  const begins = (key: string, number: number) => {
    calls++;
    const state = stateOf(key);
    if (state.handled.has(number)) repeats++;
    if (state.begun.has(number)) return;
    state.begun.add(number);
    if (number > 1 && !state.handled.has(number - 1) && !hasMoved(state, number) && !hasMoved(state, number - 1))
      wrong.push(`${idOf(key, number)} begins while ${number - 1} of its key is open`);
  };
  return {
    wrong,
    get calls() {
      return calls;
    },
    get repeats() {
      return repeats;
    },
    acknowledged(key, number) {
      stateOf(key).acknowledged = number;
    },
    remaps(now) {
      moving = now;
      for (const { acknowledged, moved } of keys.values()) {
        // The one after the last may be on its way.
        const last = moved.at(-1);
        if (now) moved.push([acknowledged, Number.POSITIVE_INFINITY]);
        else if (last) last[1] = acknowledged + 1;
      }
    },
    handler(body) {
      const { key, number }: ChaosEvent = JSON.parse(body);
      begins(key, number);
      return {
        ms: workMs(),
        done() {
          stateOf(key).handled.add(number);
          return '';
        },
        failed() {},
      };
    },
    open: () =>
      [...keys].flatMap(([key, { acknowledged, handled }]) =>
        upTo(acknowledged).flatMap(number => (handled.has(number) ? [] : [idOf(key, number)])),
      ),
    all: () => [...keys].flatMap(([key, { acknowledged }]) => upTo(acknowledged).map(number => idOf(key, number))),
  };
}
