// Which origins a list such as `https://*.example.com` means.

/**
 * Browsers send origins in lower case, without the standard port (RFC 6454 §6.2); `null` is
 * an origin that nobody owns.
 */
export function createOriginTest(patterns: readonly string[]): (origin: string) => boolean {
  if (patterns.includes('*')) return () => true;
  const exact = new Set<string>();
  const below: { readonly scheme: string; readonly rest: string }[] = [];
  for (const pattern of patterns) {
    const [scheme = '', host = ''] = pattern.toLowerCase().split('://');
    if (host.startsWith('*.')) below.push({ scheme: `${scheme}://`, rest: withoutStandardPort(scheme, host.slice(1)) });
    else exact.add(`${scheme}://${withoutStandardPort(scheme, host)}`);
  }
  return origin =>
    exact.has(origin) ||
    below.some(({ scheme, rest }) => {
      if (!origin.startsWith(scheme) || !origin.endsWith(rest)) return false;
      // Exactly one more label: letters, digits and hyphens, and at least one of them.
      return /^[a-z0-9-]+$/.test(origin.slice(scheme.length, origin.length - rest.length));
    });
}

function withoutStandardPort(scheme: string, host: string): string {
  return host.replace(scheme === 'https' ? /:443$/ : /:80$/, '');
}
