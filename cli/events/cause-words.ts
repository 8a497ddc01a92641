// Tells in tables why an attempt failed: by the cause where the function told one, else by what
// callers get to see.
import type { ConsumerReport } from '../../admin/event-view.ts';
import { type Cause, causeText } from '../../core/cause.ts';
import { ageOf } from '../relative-age.ts';

export interface ToldFailure {
  readonly status?: number | undefined;
  readonly error?: string | undefined;
  readonly cause?: Cause | undefined;
}

export function causeWords({ status, error = '', cause }: ToldFailure): string {
  if (cause !== undefined) return causeText(cause);
  return status === undefined ? error : `${status} ${error}`;
}

/** Tells what is wrong with a consumer now, else how its newest attempt failed. */
export function lastErrorWords(
  { lastError, newestFailure }: Pick<ConsumerReport, 'lastError' | 'newestFailure'>,
  now: number,
): string {
  if (lastError !== undefined) return lastError;
  return newestFailure === undefined ? '' : `${ageOf(newestFailure.at, now)} ago: ${causeWords(newestFailure)}`;
}
