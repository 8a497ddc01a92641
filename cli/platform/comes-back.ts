// Whether a platform that could not be asked may answer again soon.
import { isRetryable } from '../../core/errors.ts';
import { CommandError } from '../command-error.ts';

/** It is away for a moment, or starts anew. */
export function comesBack(error: unknown): boolean {
  if (error instanceof CommandError) {
    return error.code === 'platform-unreachable' || error.code === 'platform-gone' || error.code === 'no-platform';
  }
  return isRetryable(error);
}
