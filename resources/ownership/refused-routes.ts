// Decides which routes claim parts of another namespace. Pure: from the declarations, the same in
// every process.
import { type Assignment, assignmentOf, isMoreSpecific } from './assignments.ts';
import { type Claim, type Claimant, claimsOf, compareClaims } from './claims.ts';
import { type Listeners, publicAlone } from './listeners.ts';
import { meetingClaims } from './meeting-claims.ts';
import { covers, meet } from './territory.ts';

export interface Refusal {
  readonly refused: Claim;
  /**
   * The claim of the owner; undefined where the installation assigned it and no resource declares
   * it there.
   */
  readonly owner: Claim | undefined;
  readonly by: 'assignment' | 'claim';
}

/**
 * Of two claims of different namespaces that meet, the one that comes first owns what both lead to
 * (see `compareClaims`), unless it lets the other namespace in, or lies itself in what the other
 * namespace claimed before it. The installation's own assignments take precedence.
 * A resource that loses one claim is refused as a whole, and then refuses nobody. Namespaces whose
 * routes no listener serves together keep nothing from each other.
 */
export function refusedRoutes(
  claimants: readonly Claimant[],
  assignments: readonly Assignment[],
  listeners: Listeners = publicAlone,
): Refusal[] {
  const claims = claimsByNamespace(claimants);
  const all = [...claims.values()].flat();
  const assigned = all.flatMap(claim => refusedByAssignment(claim, claims, assignments, listeners));
  const lost = new Set(assigned.map(({ refused }) => refused.resource));
  const pairs = meetingClaims(all)
    .map(pair => pair.toSorted(compareClaims))
    .sort(([a, b], [c, d]) => (a && c && b && d ? compareClaims(a, c) || compareClaims(b, d) : 0));
  const refusals = [...assigned];
  for (const [owner, other] of pairs) {
    if (!owner || !other || lost.has(owner.resource)) continue;
    const shared = meet(owner.territory, other.territory);
    if (!shared || !listeners.serveTogether(shared.host, owner.namespace, other.namespace)) continue;
    if (owner.grants.has(other.namespace) || isAssignedTo([owner, other], assignments, listeners)) continue;
    const ownBefore = claims
      .get(other.namespace)
      ?.some(claim => compareClaims(claim, owner) < 0 && covers(claim.territory, shared));
    if (ownBefore) continue;
    lost.add(other.resource);
    refusals.push({ refused: other, owner, by: 'claim' });
  }
  return withoutRepetition(refusals);
}

/** Pairs that cannot all be served, whoever came first. For files, which have no age. */
export function clashingRoutes(
  claimants: readonly Claimant[],
  listeners: Listeners = publicAlone,
): (readonly [Claim, Claim])[] {
  const claims = claimsByNamespace(claimants);
  const letsIn = (from: Claim, other: Claim) =>
    claims
      .get(from.namespace)
      ?.some(
        ({ grants, territory }) =>
          grants.has(other.namespace) && covers(territory, meet(from.territory, other.territory) ?? from.territory),
      ) ?? false;
  const isServed = (one: Claim, other: Claim) => {
    const shared = meet(one.territory, other.territory);
    return shared !== undefined && listeners.serveTogether(shared.host, one.namespace, other.namespace);
  };
  return meetingClaims([...claims.values()].flat()).filter(
    ([one, other]) => isServed(one, other) && !letsIn(one, other) && !letsIn(other, one),
  );
}

function claimsByNamespace(claimants: readonly Claimant[]): Map<string, Claim[]> {
  return Map.groupBy(claimants.flatMap(claimsOf), ({ namespace }) => namespace);
}

/**
 * A claim may reach beyond the part of its namespace; the limit for each request decides there (see
 * `createLimits`).
 */
function refusedByAssignment(
  refused: Claim,
  claims: ReadonlyMap<string, readonly Claim[]>,
  assignments: readonly Assignment[],
  listeners: Listeners,
): Refusal[] {
  const meets = ({ territory, namespace }: Pick<Claim, 'territory' | 'namespace'>) => {
    const shared = meet(territory, refused.territory);
    return shared !== undefined && listeners.serveTogether(shared.host, refused.namespace, namespace);
  };
  const whole = assignmentOf(assignments, refused.territory, meets);
  if (!whole || whole.namespace === refused.namespace) return [];
  const hasPart = assignments.some(
    ({ namespace, territory }) =>
      namespace === refused.namespace &&
      isMoreSpecific(territory, whole.territory) &&
      meet(territory, refused.territory) !== undefined,
  );
  const met = (claims.get(whole.namespace) ?? []).filter(meets);
  if (hasPart || met.some(({ grants }) => grants.has(refused.namespace))) return [];
  return [{ refused, owner: met.toSorted(compareClaims)[0], by: 'assignment' }];
}

/** An assignment to one of the two decides, whoever came first. */
function isAssignedTo(
  [one, other]: readonly [Claim, Claim],
  assignments: readonly Assignment[],
  listeners: Listeners,
): boolean {
  const shared = meet(one.territory, other.territory);
  if (!shared) return false;
  const counts = ({ namespace }: Assignment) =>
    listeners.serveTogether(shared.host, one.namespace, other.namespace, namespace);
  const owner = assignmentOf(assignments, shared, counts)?.namespace;
  return owner !== undefined && (owner === one.namespace || owner === other.namespace);
}

/** One for each place that is refused and each resource that owns it. */
function withoutRepetition(refusals: readonly Refusal[]): Refusal[] {
  const seen = new Set<string>();
  return refusals.filter(({ refused, owner }) => {
    const key = JSON.stringify([refused.rank.name, refused.at, owner?.rank.name]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
