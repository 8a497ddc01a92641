// The flow of events between two stages of a pipeline: steps that keep nothing, and at their end
// outlets. Works on lists, in their order.
import type { FlowTools, LeftOut } from './flow-tools.ts';
import type { FlowItem } from './item.ts';

export interface FlowRun {
  /** Results by number of the outlet, in order. */
  readonly outlets: FlowItem[][];
  /** Refuses an unusable item. Throws errors that are not its fault. */
  refuse(item: FlowItem, error: unknown): void;
  readonly tools: FlowTools;
  /**
   * Counters that steps add to. They count once the results of the items are durable, as items may
   * come again before that.
   */
  readonly leftOut: LeftOut;
  /** Number of this attempt at these items, from 1. */
  readonly attempt: number;
  /** See the same of `DeliveryItem`. */
  readonly asksAlone?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** Answers with the items for the next step. */
export type Step = (items: readonly FlowItem[], run: FlowRun) => readonly FlowItem[] | Promise<readonly FlowItem[]>;

export interface Flow {
  readonly steps: readonly Step[];
  /** All outlets get all items that come through. */
  readonly outlets: readonly number[];
}

export async function runFlow({ steps, outlets }: Flow, items: readonly FlowItem[], run: FlowRun): Promise<void> {
  let left = items;
  for (const step of steps) {
    if (left.length === 0) return;
    const result = step(left, run);
    left = isPromise(result) ? await result : result;
  }
  for (const outlet of outlets) {
    const list = run.outlets[outlet];
    // No spread, as it would put a whole batch on the stack.
    if (list) for (const item of left) list.push(item);
  }
}

function isPromise(result: readonly FlowItem[] | Promise<readonly FlowItem[]>): result is Promise<readonly FlowItem[]> {
  return 'then' in result;
}

/** Asks for something for each item, one after the other, and refuses items that fail for ever. */
export function each(act: (item: FlowItem, results: FlowItem[]) => void): Step {
  return (items, run) => {
    const results: FlowItem[] = [];
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
