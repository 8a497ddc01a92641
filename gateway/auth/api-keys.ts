// The API keys of one Secret: found by their hash, so that no key is ever stored; read again
// when they may have changed.
import { hash } from 'node:crypto';
import type { GatewayLog } from '../gateway-log.ts';
import { type FollowSecretOptions, followSecret } from './follow-secret.ts';

const SHA256 = /^[0-9a-f]{64}$/i;

export interface ApiKeys {
  /** The consumer whose key this is. */
  consumerOf(key: string): string | undefined;
}

export interface ApiKeysOptions extends FollowSecretOptions {
  readonly log: GatewayLog;
}

export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const { namespace, secret, log } = options;
  const where = { namespace, secret };
  const consumers = followSecret(options, (entries): ReadonlyMap<string, string> => {
    if (entries === undefined) {
      const next = 'Create a key with "tenfold keys create CONSUMER".';
      log('warn', `There is no Secret ${secret}, so no API key is accepted. ${next}`, where);
      return new Map();
    }
    const { known, wrong } = readEntries(entries);
    for (const name of wrong) {
      log('warn', `Secret ${secret} has an entry for ${name} that is no SHA-256 in hexadecimal; it is ignored.`, where);
    }
    return known;
  });
  return {
    consumerOf(key) {
      // The time that a comparison of hashes takes reveals nothing of the key: an attacker cannot
      // choose the hash.
      const digest = hash('sha256', key, 'hex');
      return consumers.current().get(digest) ?? consumers.renewed().get(digest);
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
