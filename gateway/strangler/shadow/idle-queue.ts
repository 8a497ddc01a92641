// Work that may wait: done a moment later and a little at a time, so that whatever
// clients wait for comes first.
import type { World } from '../../../core/world.ts';

/** Work that is done at once between two looks at the sockets. */
const AT_ONCE = 8;

export function createIdleQueue(world: World): (work: () => void) => void {
  let waiting: (() => void)[] = [];
  let scheduled = false;
  const drain = () => {
    const now = waiting.slice(0, AT_ONCE);
    waiting = waiting.slice(AT_ONCE);
    scheduled = waiting.length > 0;
    if (scheduled) world.after(0, drain);
    for (const work of now) work();
  };
  return work => {
    waiting.push(work);
    if (scheduled) return;
    scheduled = true;
    world.after(0, drain);
  };
}
