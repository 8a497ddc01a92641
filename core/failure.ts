// A failed attempt as it is kept with an event, a job or an item: what anybody who may see the
// event may know, and its cause, which is for the operator alone.
import { type Cause, causeText } from './cause.ts';

/** Callers get to see this much of it. */
export interface PublicFailure {
  /** HTTP status when there was an answer. */
  readonly status?: number;
  /** At most 1,000 characters. */
  readonly message: string;
}

export interface Failure extends PublicFailure {
  /** Undefined where the target told none, as one that is no Function, or of an earlier release. */
  readonly cause?: Cause | undefined;
}

/** The part that may go to a caller. */
export function publicFailure({ status, message }: Failure): PublicFailure {
  return status === undefined ? { message } : { status, message };
}

/**
 * A failure as it is stored. Releases before causes show the whole of `error` to callers, so the
 * cause stands beside it.
 */
export interface StoredFailure {
  readonly error: PublicFailure;
  readonly cause?: Cause | undefined;
}

/** Without members for no failure. */
export function storedFailure(failure: Failure | undefined): Partial<StoredFailure> {
  if (failure === undefined) return {};
  const { cause } = failure;
  return cause === undefined ? { error: failure } : { error: publicFailure(failure), cause };
}

export function fromStoredFailure({
  error,
  cause,
}: {
  readonly error?: PublicFailure | undefined;
  readonly cause?: Cause | undefined;
}): Failure | undefined {
  return error === undefined || cause === undefined ? error : { ...error, cause };
}

/** One line for the operator. */
export function failureText({ message, cause }: Failure): string {
  return cause === undefined ? message : causeText(cause);
}

/** Whether the text stands in what is known of it, in either case. */
export function mentions(failure: Failure | undefined, text: string): boolean {
  if (failure === undefined) return false;
  const { message, cause } = failure;
  const wanted = text.toLowerCase();
  const texts = [message, cause?.name, cause?.message, cause?.at, cause?.trace];
  return texts.some(each => each?.toLowerCase().includes(wanted));
}
