// Finds where an issuer keeps its keys, by its discovery document (OpenID
// Connect Discovery 1.0 §4).
import { TenfoldError } from '../../core/errors.ts';
import type { FetchJson } from './fetch-json.ts';

/** Whether an issuer can be asked at all: its name must be an address. */
export function isDiscoverable(issuer: string): boolean {
  return /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(issuer) && URL.canParse(issuer);
}

export async function findKeyAddress(issuer: string, fetchJson: FetchJson, signal: AbortSignal): Promise<string> {
  const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, signal);
  if (typeof document !== 'object' || document === null) throw refuse('is no JSON object');
  // §4.3: else one tenant of a shared issuer could speak for another.
  if (!('issuer' in document) || document.issuer !== issuer) throw refuse('is of another issuer');
  const address = 'jwks_uri' in document ? document.jwks_uri : undefined;
  if (typeof address !== 'string' || !URL.canParse(address)) throw refuse('names no jwks_uri');
  const { protocol } = new URL(address);
  const secure = issuer.startsWith('https:');
  if (protocol !== 'https:' && (secure || protocol !== 'http:')) throw refuse('names a jwks_uri that is not https');
  return address;
}

function refuse(reason: string): TenfoldError {
  return new TenfoldError('bad-gateway', `The discovery document ${reason}.`);
}
