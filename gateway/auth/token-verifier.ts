// Checks bearer tokens: signature, issuer, audience, times and claims, with an answer kept for as
// long as the token is good.
import type { JWTVerifyGetKey, JWTVerifyOptions, JWTVerifyResult } from 'jose';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import { forwardClaims } from './forward-claims.ts';
import { type Identity, isRefusal, type Refusal } from './identity.ts';
import type { KeySet, KeySource } from './key-source.ts';
import { findMissingClaim, type RequiredClaims } from './required-claims.ts';
import { createTokenCache } from './token-cache.ts';

export interface TokenRules {
  /** Undefined where the keys sign for nobody else. */
  readonly issuer?: string | undefined;
  readonly audience: string | readonly string[];
  readonly algorithms: readonly string[];
  /** Milliseconds. */
  readonly clockSkew: number;
  readonly claims?: RequiredClaims | undefined;
  readonly forward?: Readonly<Record<string, string>> | undefined;
}

export interface TokenVerifier {
  /**
   * `credential` is the whole value of Authorization, `token` what follows the scheme.
   * Rejects with `auth-unavailable`.
   */
  verify(credential: string, token: string): Promise<Identity | Refusal>;
  /** At once, for a credential that was found right before and still is. */
  known(credential: string): Identity | undefined;
}

export function createTokenVerifier(world: World, rules: TokenRules, source: KeySource): TokenVerifier {
  const cache = createTokenCache();
  /** The cache holds for these keys: when one is taken back, what it signed must not live on. */
  let keysOfCache: KeySet | undefined;

  const check = async (token: string): Promise<{ result: Identity | Refusal; keys: KeySet }> => {
    let keys = await source.current();
    const find: JWTVerifyGetKey = async (header, input) => {
      try {
        return await keys.find(header, input);
      } catch (error) {
        const newer = codeOf(error) === 'ERR_JWKS_NO_MATCHING_KEY' ? await source.newerThan(keys) : undefined;
        if (newer === undefined) throw error;
        keys = newer;
        return newer.find(header, input);
      }
    };
    const { payload } = await verifyWith(find, token, {
      ...(rules.issuer === undefined ? {} : { issuer: rules.issuer }),
      audience: [rules.audience].flat(),
      algorithms: [...rules.algorithms],
      clockTolerance: rules.clockSkew / 1000,
      currentDate: new Date(world.now()),
      // A token that never ends could never be taken back.
      requiredClaims: ['exp'],
    });
    return { result: judge(payload), keys };
  };

  const judge = (claims: Readonly<Record<string, unknown>>): Identity | Refusal => {
    const missing = findMissingClaim(claims, rules.claims ?? {});
    if (missing === 'scope') return { error: 'insufficient_scope', reason: 'The token has not the scope' };
    if (missing) return { error: 'invalid_token', reason: `The claim ${missing} is not as this API demands` };
    const { sub } = claims;
    const consumer = typeof sub === 'string' && sub !== '' ? sub : undefined;
    return { consumer, claims, forward: forwardClaims(claims, rules.forward ?? {}) };
  };

  const remember = (credential: string, identity: Identity, keys: KeySet) => {
    // Checked with keys that have been replaced meanwhile: whether it still holds is
    // for the next check to say.
    if (keys !== source.tick()) return;
    if (keys !== keysOfCache) cache.clear();
    keysOfCache = keys;
    cache.add(credential, identity, Number(identity.claims?.['exp']) * 1000 + rules.clockSkew);
  };

  return {
    known(credential) {
      const keys = source.tick();
      if (keys === undefined || keys !== keysOfCache) return undefined;
      return cache.find(credential, world.now());
    },
    async verify(credential, token) {
      try {
        const { result, keys } = await check(token);
        if (!isRefusal(result)) remember(credential, result, keys);
        return result;
      } catch (error) {
        if (error instanceof TenfoldError) throw error;
        return { error: 'invalid_token', reason: reasonFor(error) };
      }
    },
  };
}

/** A token without `kid` may be signed by any of several keys. */
async function verifyWith(find: JWTVerifyGetKey, token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  const { errors, jwtVerify } = await import('jose');
  try {
    return await jwtVerify(token, find, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (inner) {
        if (!(inner instanceof errors.JWSSignatureVerificationFailed)) throw inner;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** By the codes of jose, which is loaded on first need only. */
function reasonFor(error: unknown): string {
  switch (codeOf(error)) {
    case 'ERR_JWT_EXPIRED':
      return 'The token has expired';
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return reasonForClaim(error);
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'The token is signed in a way that is not accepted';
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return 'The key of the token is not known';
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return 'The signature is wrong';
    default:
      return 'The token is malformed';
  }
}

function reasonForClaim(error: unknown): string {
  const { claim, reason } = error as { readonly claim?: unknown; readonly reason?: unknown };
  if (claim === 'nbf' && reason === 'check_failed') return 'The token is not valid yet';
  return `The claim ${claim} is not as this API demands`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
