// Formats that are kept carry a version; what a later release has written may mean more than this one would see in it.
import { TenfoldError } from './errors.ts';

/** Throws `later-release` for a later version: whoever cannot read it must not act on it either. `what`: "The state of job 3-17". */
export function assertKnownVersion(what: string, version: number, known: number): void {
  if (version <= known) return;
  throw laterRelease(`${what} has version ${version}, of a later release; this release reads up to ${known}.`);
}

/**
 * The same for what has its version in `v`, and is of the first one without: a format that was never changed needs none. A member, kind or meaning
 * more that an earlier release must not miss is a later version. No version have what is read with something that has one (bits of items, with the
 * row of their job) and what stays as it is for good: headers of records (another meaning has another name), and values of one part, such as the id
 * of the job that is worked of those with one Idempotency-Key.
 */
export function assertFirstVersion(what: string, stored: unknown): void {
  if (typeof stored !== 'object' || stored === null || !('v' in stored) || typeof stored.v !== 'number') return;
  assertKnownVersion(what, stored.v, 1);
}

/** The same for what is of a kind that nobody knows here, whatever version it has. `known`: kinds are its keys. */
export function assertKnownKind(what: string, kind: string, known: object): void {
  if (!Object.hasOwn(known, kind)) throw laterRelease(`${what} is of kind ${kind}, of a later release.`);
}

function laterRelease(found: string): TenfoldError {
  return new TenfoldError('later-release', `${found} Finish the upgrade, or run the later release again.`);
}

/** Whether an error says that a later release has written what was asked for. */
export function isOfLaterRelease(error: unknown): error is TenfoldError {
  return error instanceof TenfoldError && error.code === 'later-release';
}
