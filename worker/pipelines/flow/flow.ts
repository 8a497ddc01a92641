// What happens to events between two stages of a pipeline: steps that keep nothing, and at their end outlets. Works on lists, in their order.
import type { FlowTools, LeftOut } from './flow-tools.ts';
import type { Item } from './item.ts';

export interface FlowRun {
  /** By number of the outlet, in order. */
  readonly outlets: Item[][];
  /** Nothing can be made of the item. Throws what is no fault of it. */
  refuse(item: Item, error: unknown): void;
  readonly tools: FlowTools;
  /** Steps add to it. It counts once what came of the items is durable, as they may come again before that. */
  readonly leftOut: LeftOut;
  /** Which attempt at these items this is, from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** Answers what goes on to the next step. */
export type Step = (items: readonly Item[], run: FlowRun) => readonly Item[] | Promise<readonly Item[]>;

export interface Flow {
  readonly steps: readonly Step[];
  /** All of these get all of what comes through. */
  readonly outlets: readonly number[];
}

export async function runFlow({ steps, outlets }: Flow, items: readonly Item[], run: FlowRun): Promise<void> {
  let left = items;
  for (const step of steps) {
    if (left.length === 0) return;
    const result = step(left, run);
    left = isPromise(result) ? await result : result;
  }
  for (const outlet of outlets) {
    const list = run.outlets[outlet];
    // No spread: it would put a whole batch on the stack.
    if (list) for (const item of left) list.push(item);
  }
}

function isPromise(result: readonly Item[] | Promise<readonly Item[]>): result is Promise<readonly Item[]> {
  return 'then' in result;
}

/** Asks something of each item, one after the other; those that fail for ever are refused. */
export function each(act: (item: Item, results: Item[]) => void): Step {
  return (items, run) => {
    const results: Item[] = [];
    for (const item of items) {
      const before = results.length;
      try {
        act(item, results);
      } catch (error) {
        results.length = before;
        run.refuse(item, error);
      }
    }
    return results;
  };
}
