// Gathers messages of a few milliseconds into one.
import type { Timer, World } from '../../core/world.ts';

export interface Gather<T> {
  add(one: T): void;
  close(): void;
}

const WAIT_MS = 5;
/** The most subjects that are gathered; then they are sent at once. */
const MOST = 500;

export function gather<T>(world: World, tell: (all: readonly T[]) => void): Gather<T> {
  let waiting: T[] = [];
  let timer: Timer | undefined;
  const flush = () => {
    timer?.cancel();
    timer = undefined;
    const all = waiting;
    waiting = [];
    if (all.length > 0) tell(all);
  };
  return {
    add(one) {
      waiting.push(one);
      if (waiting.length >= MOST) flush();
      else timer ??= world.after(WAIT_MS, flush);
    },
    close: flush,
  };
}
