// Formats that are kept carry a version; what a later release has written may mean more than
// this one would see in it.
import { TenfoldError } from './errors.ts';

/**
 * Throws `later-release` for a later version: a process that cannot read it must not act on it
 * either. `what`: "The state of job 3-17".
 */
export function assertKnownVersion(what: string, version: number, known: number): void {
  if (version <= known) return;
  throw laterRelease(`${what} has version ${version}, of a later release; this release reads up to ${known}.`);
}

/**
 * The same for what has its version in `v`, and is of the first one without: a format that was
 * never changed needs none. A member, kind or meaning more that an earlier release must not miss is
 * a later version. Two kinds of data have no version.
 * One is read together with data that has one, as bits of items are with the row of their job. The
 * other never changes: headers of records (another meaning gets another name) and values of one
 * part, such as a job's id under its Idempotency-Key.
 */
export function assertFirstVersion(what: string, stored: unknown): void {
  if (typeof stored !== 'object' || stored === null || !('v' in stored) || typeof stored.v !== 'number') return;
  assertKnownVersion(what, stored.v, 1);
}

/** The same for a kind that is unknown here, whatever its version. `known`: kinds are its keys. */
export function assertKnownKind(what: string, kind: string, known: object): void {
  if (!Object.hasOwn(known, kind)) throw laterRelease(`${what} is of kind ${kind}, of a later release.`);
}

function laterRelease(found: string): TenfoldError {
  return new TenfoldError('later-release', `${found} Finish the upgrade, or run the later release again.`);
}

/** Whether an error says that a later release has written the data. */
export function isOfLaterRelease(error: unknown): error is TenfoldError {
  return error instanceof TenfoldError && error.code === 'later-release';
}
