// A limit on silence: one timer for a whole stream, which looks how long ago something came, instead of one for each chunk.
import type { Timer, World } from '../../core/world.ts';

export interface SilenceLimit {
  /** Something came: the silence begins anew. */
  heard(): void;
  cancel(): void;
}

/** Calls `onSilence` once when nothing was heard for `idleMs`. */
export function limitSilence(world: World, idleMs: number, onSilence: () => void): SilenceLimit {
  let heardAt = world.monotonic();
  let timer: Timer | undefined;
  const watch = (afterMs: number) => {
    timer = world.after(afterMs, () => {
      const leftMs = heardAt + idleMs - world.monotonic();
      if (leftMs > 0) watch(leftMs);
      else onSilence();
    });
  };
  watch(idleMs);
  return {
    heard() {
      heardAt = world.monotonic();
    },
    cancel: () => timer?.cancel(),
  };
}
