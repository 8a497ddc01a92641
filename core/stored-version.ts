// Formats that are kept carry a version; what a later release has written may mean more than this one would see in it.
import { TenfoldError } from './errors.ts';

/** Throws `later-release` for a later version: whoever cannot read it must not act on it either. `what`: "The state of job 3-17". */
export function assertKnownVersion(what: string, version: number, known: number): void {
  if (version <= known) return;
  throw new TenfoldError(
    'later-release',
    `${what} has version ${version}, of a later release; this release reads up to ${known}. Finish the upgrade, or run the later release again.`,
  );
}

/** Whether an error says that a later release has written what was asked for. */
export function isOfLaterRelease(error: unknown): error is TenfoldError {
  return error instanceof TenfoldError && error.code === 'later-release';
}
