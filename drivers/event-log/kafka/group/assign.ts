// Divides the partitions of a group among its members: evenly, with as few moves as possible, and
// none before its owner has let go of it.
import type { MemberClaim } from '../wire/groups.ts';

export type MemberClaims = ReadonlyMap<string, Pick<MemberClaim, 'owned' | 'generation'>>;

/**
 * Partitions by member. Partitions that move are in no share until a later round, in which no
 * member claims them any more. So each has one owner at a time, and members need not stop for one
 * another.
 */
export function assign(claims: MemberClaims, count: number): Map<string, number[]> {
  const owners = ownersOf(claims, count);
  const members = [...claims.keys()].sort();
  const shares = new Map<string, number[]>(members.map(member => [member, []]));
  for (const [partition, owner] of owners) shares.get(owner)?.push(partition);
  const least = Math.floor(count / Math.max(members.length, 1));
  let larger = count - least * members.length;
  // The member with most partitions keeps one of the larger shares.
  const byShare = members.toSorted((a, b) => (shares.get(b)?.length ?? 0) - (shares.get(a)?.length ?? 0));
  const wanted = new Map<string, number>();
  for (const member of byShare) wanted.set(member, larger-- > 0 ? least + 1 : least);
  for (const member of members)
    shares
      .get(member)
      ?.sort((a, b) => a - b)
      .splice(wanted.get(member) ?? 0);
  const free = Array.from({ length: count }, (_, partition) => partition).filter(partition => !owners.has(partition));
  for (const member of byShare) {
    const share = shares.get(member) ?? [];
    share.push(...free.splice(0, Math.max(0, (wanted.get(member) ?? 0) - share.length)));
    share.sort((a, b) => a - b);
  }
  return shares;
}

/** When several members claim a partition, the newest owner wins. */
function ownersOf(claims: MemberClaims, count: number): Map<number, string> {
  const owners = new Map<number, string>();
  for (const [member, { owned, generation }] of claims) {
    for (const partition of owned) {
      const other = owners.get(partition);
      if (partition < count && (other === undefined || (claims.get(other)?.generation ?? -1) < generation))
        owners.set(partition, member);
    }
  }
  return owners;
}
