// A Lease for each gateway and worker. It holds a short mark for each version in force, so that
// thousands fit into one. It also holds the reasons for refused versions, and the faults of its
// disk.
import { createHash } from 'node:crypto';
import { type KubeObject, readNumber, readText } from '../api/kube-object.ts';

/** Label of these Leases, among others in the namespace of the platform. */
export const UPTAKE_LABEL = 'tenfold.dev/uptake';
const IN_FORCE = 'tenfold.dev/in-force';
const NAMESPACES = 'tenfold.dev/namespaces';
const REFUSED = 'tenfold.dev/refused';
const DISK = 'tenfold.dev/disk';
/** A few sentences each; more would take the place of marks, and the log has all of it. */
const MOST_OF_DISK = 2000;
export const MOST_REFUSED = 20;
const MOST_OF_REFUSAL = 400;
/** Annotations of one object may have 256 KiB together. */
export const MOST_MARKS = 28_000;
const MARK_LENGTH = 8;

export interface Uptake {
  /** The namespaces that it serves; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** The marks of versions in force there; undefined: there are more than fit. */
  readonly marks: ReadonlySet<string> | undefined;
  /** Why objects are not in force there, by their marks; of some of them. */
  readonly refused: ReadonlyMap<string, string>;
  /** Why the disk cannot be used that this process keeps everything on, one sentence each. */
  readonly disk: readonly string[];
  readonly leaseMs: number;
  /** The text that was read, to be compared. */
  readonly text: string;
}

/** The mark of one generation of one object. */
export function versionMarkOf({ metadata }: KubeObject): string {
  const { uid = '', generation = 0 } = metadata;
  return createHash('sha256').update(`${uid}/${generation}`).digest('base64url').slice(0, MARK_LENGTH);
}

export function toAnnotations({
  namespaces,
  marks,
  refused,
  disk,
}: Pick<Uptake, 'namespaces' | 'marks' | 'refused' | 'disk'>): Record<string, string> {
  return {
    ...(namespaces === undefined ? {} : { [NAMESPACES]: namespaces.join(',') }),
    ...(marks === undefined ? {} : { [IN_FORCE]: [...marks].sort().join('') }),
    ...(refused.size === 0 ? {} : { [REFUSED]: textOf(refused) }),
    ...(disk.length === 0 ? {} : { [DISK]: disk.join('\n').slice(0, MOST_OF_DISK) }),
  };
}

/** Undefined for a Lease that was released. */
export function toUptake(lease: KubeObject): Uptake | undefined {
  if ((readText(lease, 'spec', 'holderIdentity') ?? '') === '') return undefined;
  const { annotations = {} } = lease.metadata;
  const [namespaces, marks] = [annotations[NAMESPACES], annotations[IN_FORCE]];
  const [refused, disk] = [annotations[REFUSED], annotations[DISK]];
  return {
    namespaces: namespaces?.split(','),
    marks: marks === undefined ? undefined : new Set(marks.match(new RegExp(`.{${MARK_LENGTH}}`, 'g'))),
    refused: toRefused(refused ?? ''),
    disk: disk?.split('\n') ?? [],
    leaseMs: (readNumber(lease, 'spec', 'leaseDurationSeconds') ?? 0) * 1000,
    text: JSON.stringify([namespaces, marks, refused, disk]),
  };
}

/** A line for each: its mark, and why. */
function textOf(refused: Uptake['refused']): string {
  const lines = [...refused].slice(0, MOST_REFUSED);
  return lines.map(([mark, why]) => mark + why.replaceAll(/\s+/g, ' ').slice(0, MOST_OF_REFUSAL)).join('\n');
}

function toRefused(text: string): Uptake['refused'] {
  const lines = text.split('\n').filter(line => line.length > MARK_LENGTH);
  return new Map(lines.map(line => [line.slice(0, MARK_LENGTH), line.slice(MARK_LENGTH)]));
}

/** True also for a process that does not serve its namespace. `mark` is that of the object. */
export function hasTakenUp({ namespaces, marks }: Uptake, { metadata }: KubeObject, mark: string): boolean {
  if (namespaces !== undefined && !namespaces.includes(metadata.namespace ?? 'default')) return true;
  return marks === undefined || marks.has(mark);
}
