// Turns addresses of legacy, as they stand in its answers, into those of the facade.
import { withoutTrailingSlashes } from '../../../core/paths/trailing-slashes.ts';

/** An address that legacy uses for itself. */
export interface Base {
  /** Scheme, host and port, lower case. */
  readonly origin: string;
  /** `host:port` as in a protocol-relative address; without a default port. */
  readonly host: string;
  readonly hostname: string;
  /** Path in front of everything there, without a trailing slash. */
  readonly path: string;
}

export function toBase(url: string): Base {
  const { origin, host, hostname, pathname } = new URL(url);
  return { origin, host, hostname, path: withoutTrailingSlashes(pathname) };
}

/**
 * `http://legacy:8080/orders/1?x` → `/orders/1?x`; addresses of anybody else and
 * relative ones stay as they are.
 */
export function mapAddress(address: string, bases: readonly Base[]): string {
  if (!/^(https?:)?\/\//i.test(address)) return address;
  const url = URL.parse(address, 'http://relative.invalid');
  if (!url) return address;
  const relative = address.startsWith('//');
  const base = bases.find(({ origin, host }) => (relative ? host === url.host : origin === url.origin));
  if (!base) return address;
  return withoutBasePath(url.pathname, base) + url.search + url.hash;
}

/** A path at legacy is the path at the facade, but for what `legacy.url` itself has as path. */
export function withoutBasePath(path: string, base: Base): string {
  if (base.path === '' || (path !== base.path && !path.startsWith(`${base.path}/`))) return path;
  return path.slice(base.path.length) || '/';
}

/** `0; url=http://legacy:8080/next`, quoted or not: what browsers take for `Refresh`. */
export function mapRefresh(value: string, bases: readonly Base[]): string {
  const match = /^(\s*[0-9.]*\s*[;,]\s*(?:url\s*=\s*)?)(["']?)(.*?)(["']?\s*)$/i.exec(value);
  if (!match) return value;
  const [, before = '', quote = '', address = '', after = ''] = match;
  return before + quote + mapAddress(address, bases) + after;
}

/** RFC 8288: the targets stand between `<` and `>`. */
export function mapLink(value: string, bases: readonly Base[]): string {
  return value.replace(/<([^>]*)>/g, (_, address: string) => `<${mapAddress(address.trim(), bases)}>`);
}
