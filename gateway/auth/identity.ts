// The caller's identity once a credential was accepted, or the reason why it was not.

export interface Identity {
  readonly consumer: string | undefined;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** Header fields that the target gets, name and value in turn. */
  readonly forward: readonly string[];
}

/** Error codes of RFC 6750 §3.1. */
export interface Refusal {
  readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  /** One sentence without quotes, for the client. */
  readonly reason: string;
}

export function isRefusal(result: Identity | Refusal): result is Refusal {
  return 'error' in result;
}
