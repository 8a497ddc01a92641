// Watches whether a caller still has its rights, while an answer to it goes on.
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import type { Timer, World } from '../../core/world.ts';
import type { Scope } from './scope.ts';

/** Rights that were taken back end an answer after this time at the latest. */
export const RECHECK_MS = 5_000;
/** So long an answer goes on while rights cannot be checked. */
const PATIENCE_MS = 60_000;

export interface StandingOptions {
  readonly world: World;
  /**
   * Finds out anew who calls, and what that caller may. Rejects as the request would be refused.
   */
  check(): Promise<Scope>;
  /** The caller still has the right that the answer needs; it may have others than before. */
  changed(scope: Scope): void;
  /** The right is gone, or nobody can tell any more. */
  ended(why: TenfoldError): void;
}

/** Goes on until the returned function is called, or until it has ended. */
export function watchRights({ world, check, changed, ended }: StandingOptions): () => void {
  let timer: Timer | undefined;
  let stopped = false;
  let knownAt = world.monotonic();
  const end = (why: TenfoldError) => {
    stopped = true;
    ended(why);
  };
  const look = async () => {
    try {
      const scope = await check();
      if (stopped) return;
      knownAt = world.monotonic();
      changed(scope);
    } catch (error) {
      if (stopped) return;
      const isPatient = isRetryable(error) && world.monotonic() - knownAt < PATIENCE_MS;
      if (!isPatient) return end(toError(error));
    }
    again();
  };
  const again = () => {
    if (!stopped) timer = world.after(RECHECK_MS, () => void look());
  };
  again();
  return () => {
    stopped = true;
    timer?.cancel();
  };
}

function toError(error: unknown): TenfoldError {
  if (error instanceof TenfoldError) return error;
  return new TenfoldError('internal', 'The rights of the caller could not be checked again.', { cause: error });
}
