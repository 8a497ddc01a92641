// Tells gateways in other processes which keys of Views have changed: of Views only
// of which they keep answers.
import { createViewSignals, type ViewSignals } from '../../core/views/view-signals.ts';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import { gather } from './gather.ts';
import { createInterest } from './interest.ts';

export interface SharedViewSignals extends ViewSignals {
  close(): void;
}

const WANTED = 'views wanted';
const CHANGED = 'views changed';
/** Keys of one message. */
const MOST_KEYS = 1_000;

type Change = readonly [group: string, keys: readonly string[]];

export function shareViewSignals(world: World, hints: Hints | undefined): SharedViewSignals {
  const own = createViewSignals();
  if (hints === undefined) return { ...own, close() {} };
  const interest = createInterest(world, hints, WANTED);
  const changes = gather<Change>(world, all => hints.tell(CHANGED, JSON.stringify(all)));
  const deaf = hints.listen(CHANGED, message => {
    const all: readonly Change[] = JSON.parse(message);
    for (const [group, keys] of all) own.changed(group, keys);
  });
  return {
    listen: own.listen,
    keeps: interest.want,
    changed(group, keys) {
      own.changed(group, keys);
      if (!interest.isWanted(group)) return;
      for (let from = 0; from < keys.length; from += MOST_KEYS)
        changes.add([group, keys.slice(from, from + MOST_KEYS)]);
    },
    close() {
      changes.close();
      interest.close();
      deaf();
    },
  };
}
