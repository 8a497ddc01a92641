// The challenge by which a 401 or 403 tells the client what to send: WWW-Authenticate (RFC 9110
// §11.6.1, RFC 6750 §3).
import type { Refusal } from './identity.ts';

export interface ChallengeOptions {
  /** Name of the Api. */
  readonly realm: string;
  readonly bearer: boolean;
  /** The header that takes an API key, if one does. */
  readonly keyHeader: string | undefined;
}

/**
 * Header fields, name and value in turn. `refusal` is about a token; without one the fault is not
 * named.
 */
export type Challenges = (refusal?: Refusal) => readonly string[];

export function createChallenges({ realm, bearer, keyHeader }: ChallengeOptions): Challenges {
  const key = keyHeader === undefined ? [] : ['www-authenticate', `ApiKey realm="${realm}", header="${keyHeader}"`];
  const plain = [...(bearer ? ['www-authenticate', `Bearer realm="${realm}"`] : []), ...key];
  return refusal => {
    if (!refusal) return plain;
    const text = quotable(refusal.reason);
    return [
      'www-authenticate',
      `Bearer realm="${realm}", error="${refusal.error}", error_description="${text}"`,
      ...key,
    ];
  };
}

/** RFC 6750 §3: printable ASCII without the quote and the backslash. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
