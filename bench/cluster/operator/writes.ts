// Requests of the operator to the API server and their times, by the audit log of that server.
import type { AuditEntry, ControlPlane } from '../../../test/cluster/control-plane.ts';
import { accountOf } from '../../../test/cluster/operator/operators.ts';

export interface Written {
  /** Counts by kind of request, such as `patch functions/status`; the Lease is left out. */
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
  /** When the last one was answered, milliseconds since 1970; undefined when there is none. */
  readonly lastAt: number | undefined;
  /** The same of the first one of a Deployment. */
  readonly deployedAt: number | undefined;
}

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Since the audit log had `from` entries. */
export function writesSince(plane: ControlPlane, from: number): Written {
  const { name } = accountOf('operator');
  const mine = plane
    .audit()
    .slice(from)
    .filter(({ user, verb, objectRef }) => user.username === name && WRITES.includes(verb) && !isLease(objectRef));
  return {
    counts: countBy(mine.map(what)),
    total: mine.length,
    lastAt: mine.map(answeredAt).sort(descending)[0],
    deployedAt: mine
      .filter(({ objectRef }) => objectRef?.resource === 'deployments')
      .map(answeredAt)
      .sort(descending)
      .at(-1),
  };
}

const answeredAt = ({ stageTimestamp }: AuditEntry): number => Date.parse(stageTimestamp);
const descending = (one: number, other: number): number => other - one;

function isLease(ref: AuditEntry['objectRef']): boolean {
  return ref?.resource === 'leases';
}

function what({ verb, objectRef }: AuditEntry): string {
  const { resource = '', subresource } = objectRef ?? {};
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

function countBy(all: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}
