// The windows of a Pipeline that an event is counted in, as they follow from its key and its time.
import type { StoryWindow } from '../../../admin/story-view.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { WindowPlan } from '../../../worker/pipelines/window/window-plan.ts';

/**
 * The first one first. A session grows by its events, so one event does not tell where it begins
 * and ends: it is named by the time of the event.
 */
export function countingWindows({ shape }: Pick<WindowPlan, 'shape'>, key: string, time: number): StoryWindow[] {
  if (shape.kind === 'session') return [{ key, around: toTimestamp(time) }];
  const { size, every } = shape;
  const windows: StoryWindow[] = [];
  for (let start = Math.floor(time / every) * every; start > time - size; start -= every) {
    windows.unshift({ key, start: toTimestamp(start), end: toTimestamp(start + size) });
  }
  return windows;
}
