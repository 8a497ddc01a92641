// Tokens that a cluster gives its pods, at the internal listener: checked by the keys of the
// cluster, they say in which namespace their holder lives.
import type { World } from '../../core/world.ts';
import type { Identity, Refusal } from '../auth/identity.ts';
import type { KeySource } from '../auth/key-source.ts';
import { createTokenVerifier } from '../auth/token-verifier.ts';
import type { Callers } from './callers.ts';

/** The algorithms that API servers sign with (`--service-account-signing-key-file`). */
const ALGORITHMS = ['RS256', 'ES256', 'ES384', 'ES512'];
/** Tokens are new when they are first used, and clocks of machines differ. */
const CLOCK_SKEW_MS = 60_000;
/** The holder of the token, as the API server names it. */
const SUBJECT = /^system:serviceaccount:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?):/;

export interface CallerTokensOptions {
  readonly world: World;
  /**
   * Issuer of the API server. It signs tokens of its pods with them and nothing else, so the issuer
   * adds nothing, and may be renamed.
   */
  readonly keys: KeySource;
  /** That tokens must be made for. */
  readonly audience: string;
}

export function createCallerTokens({ world, keys, audience }: CallerTokensOptions): Callers {
  const rules = { audience, algorithms: ALGORITHMS, clockSkew: CLOCK_SKEW_MS };
  const verifier = createTokenVerifier(world, rules, keys);
  return {
    namespaceOf(token) {
      if (token === undefined) return undefined;
      const known = verifier.known(token);
      return known ? namespaceIn(known) : verifier.verify(token, token).then(namespaceIn);
    },
  };
}

function namespaceIn(found: Identity | Refusal): string | undefined {
  return 'consumer' in found ? SUBJECT.exec(found.consumer ?? '')?.[1] : undefined;
}
