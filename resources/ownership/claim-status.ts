// The time since which a resource has had its hosts and paths: kept in its status, so that no later
// claim comes before it.
import type { AnyResource } from '../resource.ts';
import { type ClaimStatus, sinceOf, territoriesIn } from './claims.ts';
import { ANY_HOST, covers, shownTerritory, territoriesOf } from './territory.ts';

/** The form in a status: `shop.example.com/orders/*`, without a host for all of them. */
export interface WrittenClaimStatus {
  readonly route: string;
  readonly since: string;
}

/** The claims of the version in force, by what was known of it before. */
export function claimStatusOf(resource: AnyResource, before: readonly ClaimStatus[], now: number): ClaimStatus[] {
  const all = territoriesIn(resource).map(({ territory }) => ({ territory, since: sinceOf(territory, before) ?? now }));
  // A claim inside another one that is as old needs no line of its own.
  return all.filter(
    (one, index) =>
      !all.some(
        (other, place) =>
          place !== index &&
          other.since <= one.since &&
          covers(other.territory, one.territory) &&
          (place < index || other.since < one.since || !covers(one.territory, other.territory)),
      ),
  );
}

/** The oldest first, as many as fit; the age of the resource counts for the rest. */
export function writeClaimStatus(
  claimStatus: readonly ClaimStatus[],
  toText: (ms: number) => string,
  mostBytes: number,
): WrittenClaimStatus[] {
  const written: WrittenClaimStatus[] = [];
  let bytes = 0;
  for (const { territory, since } of claimStatus.toSorted((a, b) => a.since - b.since)) {
    const one = { route: shownTerritory(territory), since: toText(since) };
    bytes += JSON.stringify(one).length;
    if (bytes > mostBytes) break;
    written.push(one);
  }
  return written;
}

export function readClaimStatus(
  written: readonly WrittenClaimStatus[],
  toMs: (text: string) => number | undefined,
): ClaimStatus[] {
  return written.flatMap(({ route, since }) => {
    const slash = route.indexOf('/');
    const ms = toMs(since);
    const host = slash === 0 ? ANY_HOST : route.slice(0, slash);
    const [territory] = slash === -1 ? [] : territoriesOf(host, route.slice(slash));
    return territory && ms !== undefined ? [{ territory, since: ms }] : [];
  });
}
