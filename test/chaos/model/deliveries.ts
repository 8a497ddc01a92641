// Nothing that was acknowledged is lost, and the events of a key are delivered one after
// the other, at every attempt.
import type { Handler } from '../functions/work.ts';
import type { Disturbances } from './disturbances.ts';
import { type ChaosEvent, idOf } from './event.ts';
import { attemptOf, createWatch, type Found } from './watch.ts';

export interface Deliveries {
  /**
   * Attempts that should not have been, by the order in the log: events of a key overtook each
   * other within a partition, or came again though nobody could have forgotten them.
   */
  outOfOrder(partitions: Found['partitions']): readonly string[];
  /**
   * Events of a key have numbers from 1 on, and each is sent when the one before was acknowledged.
   */
  acknowledged(key: string, number: number): void;
  readonly handler: Handler;
  /** Acknowledged and not handled. */
  open(): readonly string[];
  /** All that were acknowledged. */
  all(): readonly string[];
  readonly calls: number;
  /** Calls with an event that had been handled before. */
  readonly repeats: number;
}

/** It is tried so often that it is never given up. */
const ATTEMPTS = 1000;

interface KeyState {
  acknowledged: number;
  readonly handled: Set<number>;
}

export interface DeliveriesOptions {
  readonly now: () => number;
  readonly disturbances: Disturbances;
  readonly workMs: () => number;
}

export function createDeliveries({ now, disturbances, workMs }: DeliveriesOptions): Deliveries {
  const keys = new Map<string, KeyState>();
  const watch = createWatch(now, ATTEMPTS, disturbances);
  let calls = 0;
  let repeats = 0;
  const stateOf = (key: string): KeyState => {
    const found = keys.get(key) ?? { acknowledged: 0, handled: new Set() };
    keys.set(key, found);
    return found;
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  return {
    outOfOrder: partitions => watch.judge({ partitions }).attempts,
    get calls() {
      return calls;
    },
    get repeats() {
      return repeats;
    },
    acknowledged(key, number) {
      stateOf(key).acknowledged = number;
    },
    handler(body, id, headers) {
      const { key, number }: ChaosEvent = JSON.parse(body);
      calls++;
      const { handled } = stateOf(key);
      if (handled.has(number)) repeats++;
      const { done, doubted, failed } = watch.begins(id, attemptOf(headers));
      return {
        ms: workMs(),
        done(heard) {
          handled.add(number);
          done(heard);
          return '';
        },
        doubted,
        failed,
      };
    },
    open: () =>
      [...keys].flatMap(([key, { acknowledged, handled }]) =>
        upTo(acknowledged).flatMap(number => (handled.has(number) ? [] : [idOf(key, number)])),
      ),
    all: () => [...keys].flatMap(([key, { acknowledged }]) => upTo(acknowledged).map(number => idOf(key, number))),
  };
}
