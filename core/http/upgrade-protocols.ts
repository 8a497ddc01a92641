// Protocols that no connection may change to through the gateway: behind them requests would
// pass that nobody looks at.

/** Another HTTP, or TLS under the one in use, in any spelling and version. */
export function isRefusedUpgrade(protocol: string): boolean {
  return /^(h2c?|h3|http|https|tls|ssl)(\/|$)/i.test(protocol);
}
