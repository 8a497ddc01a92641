// The API keys of one Secret: found by their hash, so that no key is ever stored; read again
// when they may have changed.
import { hash } from 'node:crypto';
import type { World } from '../../core/world.ts';
import type { GatewayLog } from '../gateway-log.ts';
import type { SecretReader } from '../plan/plan-context.ts';

/** A key that was taken back is refused after this time at the latest. */
const RECHECK_MS = 1_000;
/** A key that is not known may be new; so soon after the last look it is not. */
const RECHECK_UNKNOWN_MS = 100;
const SHA256 = /^[0-9a-f]{64}$/i;

export interface ApiKeys {
  /** The consumer whose key this is. */
  consumerOf(key: string): string | undefined;
}

export interface ApiKeysOptions {
  readonly world: World;
  readonly secrets: SecretReader;
  readonly namespace: string;
  readonly secret: string;
  readonly log: GatewayLog;
}

export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const { world, secrets, namespace, secret, log } = options;
  let entries: Readonly<Record<string, string>> | undefined;
  let consumers: ReadonlyMap<string, string> = new Map();
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = (maxAgeMs: number) => {
    const now = world.monotonic();
    if (now - lookedAt < maxAgeMs) return;
    const first = lookedAt === Number.NEGATIVE_INFINITY;
    lookedAt = now;
    const found = secrets(namespace, secret);
    if (found === entries && !first) return;
    entries = found;
    const where = { namespace, secret };
    if (found === undefined) {
      consumers = new Map();
      const next = 'Create a key with "tenfold keys create CONSUMER".';
      log('warn', `There is no Secret ${secret}, so no API key is accepted. ${next}`, where);
      return;
    }
    const { known, wrong } = readEntries(found);
    consumers = known;
    for (const name of wrong) {
      log('warn', `Secret ${secret} has an entry for ${name} that is no SHA-256 in hexadecimal; it is ignored.`, where);
    }
  };

  return {
    consumerOf(key) {
      look(RECHECK_MS);
      // The time that a comparison of hashes takes reveals nothing of the key: an attacker cannot
      // choose the hash.
      const digest = hash('sha256', key, 'hex');
      const consumer = consumers.get(digest);
      if (consumer !== undefined) return consumer;
      look(RECHECK_UNKNOWN_MS);
      return consumers.get(digest);
    },
  };
}

/** While a key is changed, an entry has the hashes of both, with white space between. */
function readEntries(entries: Readonly<Record<string, string>>) {
  const known = new Map<string, string>();
  const wrong: string[] = [];
  for (const [consumer, value] of Object.entries(entries)) {
    const hashes = value.trim().split(/\s+/);
    if (consumer === '' || !hashes.every(each => SHA256.test(each))) wrong.push(consumer);
    else for (const each of hashes) known.set(each.toLowerCase(), consumer);
  }
  return { known, wrong };
}
