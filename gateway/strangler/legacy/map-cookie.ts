// Makes cookies that legacy sets for itself cookies of the facade (RFC 6265 §4.1.2).
import { isIP } from 'node:net';
import { type Base, withoutBasePath } from './map-address.ts';

/**
 * `Domain` is left out where it names legacy, so that the cookie belongs to the client's host.
 * A domain that covers that host too stays. `Path` loses the path of `legacy.url`. All else, the
 * value included, stays letter by letter.
 */
export function mapCookie(cookie: string, bases: readonly Base[], clientHost: string): string {
  const [pair = '', ...attributes] = cookie.split(';');
  const mapped = attributes.flatMap(attribute => {
    const mark = attribute.indexOf('=');
    if (mark === -1) return [attribute];
    const name = attribute.slice(0, mark).trim().toLowerCase();
    const value = attribute.slice(mark + 1).trim();
    if (name === 'domain') return isOfLegacy(value, bases, clientHost) ? [] : [attribute];
    if (name !== 'path') return [attribute];
    const [first] = bases;
    const path = first ? withoutBasePath(value, first) : value;
    return [path === value ? attribute : `${attribute.slice(0, mark)}=${path}`];
  });
  return [pair, ...mapped].join(';');
}

function isOfLegacy(domain: string, bases: readonly Base[], clientHost: string): boolean {
  const wanted = domain.replace(/^\./, '').toLowerCase();
  if (covers(wanted, clientHost)) return false;
  return bases.some(({ hostname }) => covers(wanted, hostname));
}

/** RFC 6265 §5.1.3. */
function covers(domain: string, host: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
}
