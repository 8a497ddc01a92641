// Counts over the last so many milliseconds, in a ring of slots: memory stays the
// same whatever the traffic.

export interface WindowCounts<K extends string> {
  add(name: K, now: number): void;
  /** Sums of all that was counted within the window that ends at `now`. */
  sums(now: number): Readonly<Record<K, number>>;
}

/** A window moves in steps of one of these. */
const SLOTS = 60;

/** `now` is a monotonic clock, milliseconds. */
export function createWindowCounts<K extends string>(names: readonly K[], windowMs: number): WindowCounts<K> {
  const slotMs = windowMs / SLOTS;
  const width = names.length;
  const counts = new Uint32Array(SLOTS * width);
  const column = new Map(names.map((name, index) => [name, index]));
  /** Number of the newest slot that was written, counted from the beginning of the clock. */
  let newest = Number.NEGATIVE_INFINITY;

  const advance = (now: number) => {
    const slot = Math.floor(now / slotMs);
    if (slot <= newest) return;
    for (let stale = Math.max(0, newest + 1, slot - SLOTS + 1); stale <= slot; stale++) {
      counts.fill(0, (stale % SLOTS) * width, (stale % SLOTS) * width + width);
    }
    newest = slot;
  };
  return {
    add(name, now) {
      advance(now);
      const index = (newest % SLOTS) * width + (column.get(name) ?? 0);
      counts[index] = (counts[index] ?? 0) + 1;
    },
    sums(now) {
      advance(now);
      const sums = Object.fromEntries(names.map(name => [name, 0])) as Record<K, number>;
      for (let index = 0; index < counts.length; index++) {
        const name = names[index % width];
        if (name !== undefined) sums[name] += counts[index] ?? 0;
      }
      return sums;
    },
  };
}
