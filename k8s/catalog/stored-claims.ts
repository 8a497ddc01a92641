// Since when an object has its hosts and paths, as its status keeps it.
import { parseTimestamp, toTimestamp } from '../../core/world.ts';
import {
  claimStatusOf,
  readClaimStatus,
  type WrittenClaimStatus,
  writeClaimStatus,
} from '../../resources/ownership/claim-status.ts';
import type { ClaimStatus } from '../../resources/ownership/claims.ts';
import type { AnyResource } from '../../resources/resource.ts';
import { type KubeObject, readList, readText } from '../api/kube-object.ts';
import { MOST_BYTES } from './last-valid.ts';

export function claimStatusIn(object: KubeObject): ClaimStatus[] {
  const written = readList(object, 'status', 'claims').flatMap(one => {
    const [route, since] = [readText(one, 'route'), readText(one, 'since')];
    return route === undefined || since === undefined ? [] : [{ route, since }];
  });
  return readClaimStatus(written, parseTimestamp);
}

/**
 * The claims for the status, of the version in force: other versions hold none. Undefined for kinds
 * without routes.
 */
export function toClaims(
  object: KubeObject,
  resource: AnyResource | undefined,
  now: number,
): WrittenClaimStatus[] | undefined {
  if (object.kind !== 'Api' && object.kind !== 'Strangler') return undefined;
  const toText = (ms: number) => toTimestamp(ms).replace(/\.\d+Z$/, 'Z');
  return resource ? writeClaimStatus(claimStatusOf(resource, claimStatusIn(object), now), toText, MOST_BYTES) : [];
}
