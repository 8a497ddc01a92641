// Finds the claims of different namespaces that some request could meet both of, without
// comparing each with each.
import type { Claim } from './claims.ts';
import { ANY_HOST, meet } from './territory.ts';

type ByNamespace = Map<string, Claim[]>;

/** The claims on one host, by the first part of their paths. */
interface HostClaims {
  readonly byFirst: Map<string, ByNamespace>;
  /** Claims whose paths begin with a parameter, or take everything. */
  readonly open: ByNamespace;
  readonly all: ByNamespace;
}

export function meetingClaims(claims: readonly Claim[]): (readonly [Claim, Claim])[] {
  const byHost = new Map<string, HostClaims>();
  for (const claim of claims) {
    const there = byHost.get(claim.territory.host) ?? { byFirst: new Map(), open: new Map(), all: new Map() };
    byHost.set(claim.territory.host, there);
    const first = firstOf(claim);
    const bucket = first === undefined ? there.open : (there.byFirst.get(first) ?? new Map());
    if (first !== undefined) there.byFirst.set(first, bucket);
    for (const group of [there.all, bucket]) {
      const known = group.get(claim.namespace);
      if (known) known.push(claim);
      else group.set(claim.namespace, [claim]);
    }
  }
  const place = new Map(claims.map((claim, index) => [claim, index]));
  const placeOf = (claim: Claim) => place.get(claim) ?? 0;
  const found: (readonly [Claim, Claim])[] = [];
  for (const claim of claims) {
    for (const host of hostsAround(claim.territory.host)) {
      for (const other of candidates(byHost.get(host), claim)) {
        // On one host each finds the other; of two hosts the more specific one finds the wider one.
        if (host === claim.territory.host && placeOf(other) < placeOf(claim)) continue;
        if (meet(claim.territory, other.territory)) found.push([claim, other]);
      }
    }
  }
  return found;
}

function firstOf({ territory }: Claim): string | undefined {
  return territory.rootAlone ? '' : territory.segments[0];
}

/** Claims of other namespaces. */
function candidates(there: HostClaims | undefined, claim: Claim): readonly Claim[] {
  if (!there) return [];
  const first = firstOf(claim);
  const groups = first === undefined ? [there.all] : [there.byFirst.get(first) ?? new Map(), there.open];
  return groups.flatMap((group: ByNamespace) =>
    [...group].flatMap(([namespace, claims]) => (namespace === claim.namespace ? [] : claims)),
  );
}

/** The host itself, and those that have it among others. */
function hostsAround(host: string): string[] {
  if (host === ANY_HOST) return [host];
  const dot = host.indexOf('.');
  const above = host.startsWith('*.') || dot === -1 ? [] : [`*${host.slice(dot)}`];
  return [host, ...above, ANY_HOST];
}
