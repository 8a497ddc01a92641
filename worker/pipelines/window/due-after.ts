// Decides what a window stage may report though no record has come for a while.
import type { Due, StageState } from './stage-state.ts';
import type { WindowInput } from './window-input.ts';
import type { WindowPlan } from './window-plan.ts';

interface Settings {
  readonly plan: Pick<WindowPlan, 'idle' | 'disorder'>;
  readonly input: Pick<WindowInput, 'marked'>;
}

/** Undefined: nothing. `silentMs`: since the owner has taken a record, or begun. */
export function dueAfter(silentMs: number, windows: StageState, { plan, input }: Settings): Due | undefined {
  const { watermark, clock } = windows;
  const now = clock.timestamp + silentMs;
  const early = windows.isEarlyDue(now) ? now : undefined;
  const time = (watermark.newest ?? Number.NEGATIVE_INFINITY) + silentMs - plan.disorder;
  // The sources of an internal topic say themselves how long they have been silent.
  const silence = !input.marked && silentMs >= plan.idle && windows.wouldSay(time) ? time : undefined;
  return early === undefined && silence === undefined ? undefined : { silence, early };
}
