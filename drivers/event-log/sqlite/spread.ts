// Spreads partitions evenly over the members of a group, moving as few as possible.

/**
 * `owned`: what each member has now, in the order in which they joined.
 * Returns what each shall have.
 */
export function spread<M>(partitions: number, owned: ReadonlyMap<M, ReadonlySet<number>>): Map<M, Set<number>> {
  const members = [...owned.keys()];
  const smallest = Math.floor(partitions / members.length);
  /** How many members have one more than the others: those that have most now. */
  let larger = partitions % members.length;
  const shares = new Map<M, Set<number>>();
  const free = new Set(Array.from({ length: partitions }, (_, number) => number));
  for (const member of members.toSorted((a, b) => sizeOf(owned, b) - sizeOf(owned, a))) {
    const quota = smallest + (larger-- > 0 ? 1 : 0);
    const kept = [...(owned.get(member) ?? [])].filter(number => number < partitions).slice(0, quota);
    shares.set(member, new Set(kept));
    for (const number of kept) free.delete(number);
  }
  const left = [...free];
  larger = partitions % members.length;
  // The largest quotas first, in the same order as above.
  for (const share of shares.values()) {
    const quota = smallest + (larger-- > 0 ? 1 : 0);
    for (const number of left.splice(0, quota - share.size)) share.add(number);
  }
  return shares;
}

function sizeOf<M>(owned: ReadonlyMap<M, ReadonlySet<number>>, member: M): number {
  return owned.get(member)?.size ?? 0;
}
