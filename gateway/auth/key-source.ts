// The keys of one issuer: cached, renewed in time, renewed early for an unknown key but never
// hammered for, kept when the issuer is down.
import type { JWTVerifyGetKey } from 'jose';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { GatewayLog } from '../gateway-log.ts';
import type { FetchJson } from './fetch-json.ts';
import { findKeyAddress } from './find-key-address.ts';

/** Older keys are renewed beside the requests that use them. */
const FRESH_MS = 10 * 60_000;
/** Older keys are used only when they cannot be renewed. */
const STALE_MS = 60 * 60_000;
/**
 * Older keys are not used at all: a key that was taken back must not live on for as long as the
 * issuer is kept unreachable.
 */
const DEAD_MS = 24 * 60 * 60_000;
/** At most one renewal in this time, whatever tokens ask for it. */
const PAUSE_MS = 10_000;
/** Sooner as long as there are no keys, since nobody can be let in. */
const PAUSE_WITHOUT_KEYS_MS = 1_000;

export interface KeySet {
  readonly find: JWTVerifyGetKey;
  /** The text that the issuer sent, to see whether it changed. */
  readonly text: string;
}

export interface KeySource {
  /** The keys in force. Rejects with `auth-unavailable` when there are none to be had. */
  current(): Promise<KeySet>;
  /**
   * Keys newer than `known`, for a token whose key is not among those; undefined when there are
   * none or it is too soon to ask.
   */
  newerThan(known: KeySet): Promise<KeySet | undefined>;
  /**
   * The keys in force if no wait is needed; keys that are due are renewed in the background. Cheap:
   * for requests that need no key.
   */
  tick(): KeySet | undefined;
  close(): void;
}

export interface KeySourceOptions {
  readonly world: World;
  readonly issuer: string;
  /** Without it discovery tells. */
  readonly jwksUri: string | undefined;
  readonly fetchJson: FetchJson;
  readonly log: GatewayLog;
}

export function createKeySource(options: KeySourceOptions): KeySource {
  const { world, issuer, fetchJson, log } = options;
  const abort = new AbortController();
  let keys: KeySet | undefined;
  let renewedAt = 0;
  let nextTry = 0;
  /** Whether the last renewal failed: then nobody waits for the next. */
  let failing = false;
  let renewing: Promise<void> | undefined;

  const age = () => world.monotonic() - renewedAt;

  const fetchKeys = async (): Promise<void> => {
    try {
      const address = options.jwksUri ?? (await findKeyAddress(issuer, fetchJson, abort.signal));
      const document = await fetchJson(address, abort.signal);
      const text = JSON.stringify(document);
      if (keys?.text !== text) {
        keys = { find: await toKeySet(document), text };
        log('info', `Took over the keys of the token issuer ${issuer}.`, { issuer });
      }
      renewedAt = world.monotonic();
      nextTry = renewedAt + PAUSE_MS;
      failing = false;
    } catch (error) {
      nextTry = world.monotonic() + (keys ? PAUSE_MS : PAUSE_WITHOUT_KEYS_MS);
      failing = true;
      if (abort.signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      const rest = keys ? ' The keys that are known stay in use.' : ' No token can be checked until then.';
      log('warn', `The keys of the token issuer ${issuer} could not be fetched: ${reason}${rest}`, { issuer });
    }
  };

  /** One renewal at a time; none when the last is too near. */
  const renew = (): Promise<void> | undefined => {
    if (renewing) return renewing;
    if (world.monotonic() < nextTry || abort.signal.aborted) return undefined;
    renewing = fetchKeys().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  /** Keys that may be used without waiting for a renewal. */
  const ready = () => (keys && (age() < STALE_MS || (failing && age() < DEAD_MS)) ? keys : undefined);
  const tick = () => {
    if (keys && age() >= FRESH_MS) void renew();
    return ready();
  };

  return {
    tick,
    async current() {
      const now = tick();
      if (now) return now;
      await renew();
      const found = ready();
      if (found) return found;
      throw new TenfoldError('auth-unavailable', 'The keys that tokens are checked with cannot be had at the moment.', {
        retryAfterSeconds: 1,
      });
    },
    async newerThan(known) {
      if (keys === known) await renew();
      return keys === known ? undefined : ready();
    },
    close: () => abort.abort(),
  };
}

async function toKeySet(document: unknown): Promise<JWTVerifyGetKey> {
  if (typeof document !== 'object' || document === null || !('keys' in document) || !Array.isArray(document.keys)) {
    throw new TenfoldError('bad-gateway', 'The answer is no JSON Web Key Set (RFC 7517).');
  }
  // Loaded on first need: most applications check no tokens, and it would
  // cost each start some 20 ms.
  const { createLocalJWKSet } = await import('jose');
  return createLocalJWKSet({ ...document, keys: document.keys });
}
