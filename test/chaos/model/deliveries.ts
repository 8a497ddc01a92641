// Nothing that was acknowledged is lost, and the events of a key are delivered one after the other.
import type { Handler } from '../functions/work.ts';
import { type ChaosEvent, idOf } from './event.ts';

export interface Deliveries {
  /** Events of a key that overtook each other within a partition; `partitions`: what `idOf` says of the events in each, in order. Between two partitions, when there are more than before, they may. */
  outOfOrder(partitions: readonly (readonly string[])[]): readonly string[];
  /** Events of a key have numbers from 1 on, and each is sent when the one before was acknowledged. */
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

interface KeyState {
  acknowledged: number;
  readonly begun: Set<number>;
  readonly handled: Set<number>;
}

export function createDeliveries(workMs: () => number): Deliveries {
  const keys = new Map<string, KeyState>();
  /** Events that began while the one before was open. */
  const early: { readonly id: string; readonly before: string }[] = [];
  let calls = 0;
  let repeats = 0;
  const stateOf = (key: string): KeyState => {
    const found = keys.get(key) ?? { acknowledged: 0, begun: new Set(), handled: new Set() };
    keys.set(key, found);
    return found;
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const begins = (key: string, number: number) => {
    calls++;
    const state = stateOf(key);
    if (state.handled.has(number)) repeats++;
    if (state.begun.has(number)) return;
    state.begun.add(number);
    if (number > 1 && !state.handled.has(number - 1))
      early.push({ id: idOf(key, number), before: idOf(key, number - 1) });
  };
  return {
    outOfOrder(partitions) {
      // It may come from any partition that has it.
      const mayBegin = (id: string, before: string) =>
        partitions.some(ids => {
          const at = ids.indexOf(id);
          return at >= 0 && !ids.slice(0, at).includes(before);
        });
      return early
        .filter(({ id, before }) => !mayBegin(id, before))
        .map(({ id, before }) => `${id} began while ${before} was open`);
    },
    get calls() {
      return calls;
    },
    get repeats() {
      return repeats;
    },
    acknowledged(key, number) {
      stateOf(key).acknowledged = number;
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
