// A Lease for each gateway and worker, which says what it has in force: a short mark for each object, so that thousands fit into one.
import { createHash } from 'node:crypto';
import { type KubeObject, readNumber, readText } from '../api/kube-object.ts';

/** Label of these Leases, among others in the namespace of the platform. */
export const UPTAKE_LABEL = 'tenfold.dev/uptake';
const IN_FORCE = 'tenfold.dev/in-force';
const NAMESPACES = 'tenfold.dev/namespaces';
/** Annotations of one object may have 256 KiB together. */
export const MOST_MARKS = 28_000;
const MARK_LENGTH = 8;

export interface Uptake {
  /** The namespaces that it serves; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Of what is in force there; undefined: it has more than it can say. */
  readonly marks: ReadonlySet<string> | undefined;
  readonly leaseMs: number;
  /** All of the above as it was read, to be compared. */
  readonly text: string;
}

/** Of one generation of one object. */
export function markOf({ metadata }: KubeObject): string {
  const { uid = '', generation = 0 } = metadata;
  return createHash('sha256').update(`${uid}/${generation}`).digest('base64url').slice(0, MARK_LENGTH);
}

export function toAnnotations({ namespaces, marks }: Pick<Uptake, 'namespaces' | 'marks'>): Record<string, string> {
  return {
    ...(namespaces === undefined ? {} : { [NAMESPACES]: namespaces.join(',') }),
    ...(marks === undefined ? {} : { [IN_FORCE]: [...marks].sort().join('') }),
  };
}

/** Undefined for one that was let go. */
export function toUptake(lease: KubeObject): Uptake | undefined {
  if ((readText(lease, 'spec', 'holderIdentity') ?? '') === '') return undefined;
  const { annotations = {} } = lease.metadata;
  const [namespaces, marks] = [annotations[NAMESPACES], annotations[IN_FORCE]];
  return {
    namespaces: namespaces?.split(','),
    marks: marks === undefined ? undefined : new Set(marks.match(new RegExp(`.{${MARK_LENGTH}}`, 'g'))),
    leaseMs: (readNumber(lease, 'spec', 'leaseDurationSeconds') ?? 0) * 1000,
    text: JSON.stringify([namespaces, marks]),
  };
}

/** Also whoever does not serve its namespace. `mark` is that of the object. */
export function hasTakenUp({ namespaces, marks }: Uptake, { metadata }: KubeObject, mark: string): boolean {
  if (namespaces !== undefined && !namespaces.includes(metadata.namespace ?? 'default')) return true;
  return marks === undefined || marks.has(mark);
}
