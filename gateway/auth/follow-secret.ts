// Follows one Secret: reads it again when it may have changed, and makes of it what its reader
// needs, once for each change.
import type { World } from '../../core/world.ts';
import type { SecretReader } from '../plan/plan-context.ts';

/** An entry that was taken back is out of force after this time at the latest. */
const RECHECK_MS = 1_000;
/** An entry that is not known may be new; so soon after the last look it is not. */
const RECHECK_UNKNOWN_MS = 100;

export interface FollowedSecret<T> {
  current(): T;
  /** Looks again, for something that is not there: it may be new. */
  renewed(): T;
}

export interface FollowSecretOptions {
  readonly world: World;
  readonly secrets: SecretReader;
  readonly namespace: string;
  readonly secret: string;
}

/** `read` gets the entries, or undefined where there is no Secret. */
export function followSecret<T>(
  { world, secrets, namespace, secret }: FollowSecretOptions,
  read: (entries: Readonly<Record<string, string>> | undefined) => T,
): FollowedSecret<T> {
  let held: { readonly entries: Readonly<Record<string, string>> | undefined; readonly made: T } | undefined;
  let lookedAt = 0;

  const look = (maxAgeMs: number): T => {
    const now = world.monotonic();
    if (held && now - lookedAt < maxAgeMs) return held.made;
    lookedAt = now;
    const entries = secrets(namespace, secret);
    if (held === undefined || held.entries !== entries) held = { entries, made: read(entries) };
    return held.made;
  };

  return { current: () => look(RECHECK_MS), renewed: () => look(RECHECK_UNKNOWN_MS) };
}
