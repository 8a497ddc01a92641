// Leases, by which processes say that they are there.
import { toTimestamp } from '../../core/world.ts';
import type { ApiResource } from './kube-object.ts';

export const LEASES: ApiResource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' };

/** A time in the format of `MicroTime`. */
export function toMicroTime(ms: number): string {
  return toTimestamp(ms).replace('Z', '000Z');
}
