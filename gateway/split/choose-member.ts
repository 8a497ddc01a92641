// Decides which member of a split gets a call: those in service by weight, failover members while
// none is, and all before nobody.

export interface Choosable {
  readonly weight: number;
  /** Used only while no other member is in service. */
  readonly failover: boolean;
  /** Its breaker would refuse a call, its health checks fail, or it asked for a pause. */
  readonly isShut: boolean;
  /** Calls to it failed a moment ago. */
  readonly isOut: boolean;
  /** The request has been there already. */
  readonly isTried: boolean;
}

/** `point`: uniform in [0, 1). Undefined when every member is shut. */
export function chooseMember<M extends Choosable>(members: readonly M[], point: number): M | undefined {
  const all = members.filter(({ weight }) => weight > 0);
  const primary = all.filter(({ failover }) => !failover);
  const at = byWeight(primary, point);
  if (at && !at.isShut && !at.isOut && !at.isTried) return at;
  const inService = (some: readonly M[]) => some.filter(({ isShut, isOut }) => !isShut && !isOut);
  const standby = all.filter(({ failover }) => failover);
  const pools = [inService(primary), inService(standby), all.filter(({ isShut }) => !isShut)];
  for (const isTried of [false, true]) {
    for (const pool of pools) {
      const chosen = byWeight(
        pool.filter(member => member.isTried === isTried),
        scatter(point),
      );
      if (chosen) return chosen;
    }
  }
  return undefined;
}

function byWeight<M extends Choosable>(members: readonly M[], point: number): M | undefined {
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  for (const member of members) {
    reached += member.weight / total;
    if (point < reached) return member;
  }
  // Rounding left a gap at the end.
  return members.at(-1);
}

/** Another point for the same client: those of one member would all go to the same other one. */
function scatter(point: number): number {
  return (point * 7919) % 1;
}
