// Identifies callers at the internal listener: a namespace, by the key that it presents.

export interface Callers {
  /**
   * The namespace whose key this is, or undefined when it is nobody's. Rejects with
   * `auth-unavailable` when that cannot be said at the moment.
   */
  namespaceOf(key: string | undefined): string | undefined | Promise<string | undefined>;
}

/** JSON Web Tokens (RFC 7519) have two dots; keys that we make have one. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Tokens of a cluster have some 1,000 characters. */
const MAX_TOKEN = 8192;

export function withTokens(keys: Callers, tokens: Callers | undefined): Callers {
  if (!tokens) return keys;
  return {
    namespaceOf: key =>
      key !== undefined && key.length <= MAX_TOKEN && TOKEN.test(key) ? tokens.namespaceOf(key) : keys.namespaceOf(key),
  };
}
