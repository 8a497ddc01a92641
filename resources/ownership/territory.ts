// The requests that a host pattern and a path lead to, with everything below the path: whether two
// such territories meet, and where.

/** Methods, headers and versions do not count: the owner of a path owns it for all of them. */
export interface Territory {
  /** Lower case; `*.` in front for one more label, `*` for every host. */
  readonly host: string;
  /** Folded literals; undefined for a parameter. */
  readonly segments: readonly (string | undefined)[];
  /** The path `/` and nothing below it. */
  readonly rootAlone: boolean;
}

export const ANY_HOST = '*';

/**
 * The path of a route, or of a request. Two spellings that some server takes for the same path give
 * the same segments. They may differ in the case of letters, in percent-encoding, and in parameters
 * behind a `;`. A path whose parts hold encoded slashes, or nothing, is read in both ways.
 */
export function territoriesOf(host: string, path: string, kind: 'route' | 'request' = 'route'): Territory[] {
  const isOpen = kind === 'route' && path.endsWith('/*');
  const parts = (isOpen ? path.slice(0, -2) : path).split('/').slice(1);
  const isParameter = (part: string) => kind === 'route' && part.startsWith(':');
  const aligned = parts.map(part => (isParameter(part) ? undefined : folded(part)));
  const apart = aligned.flatMap(segment =>
    segment === undefined ? [segment] : segment.split('/').filter(part => part !== ''),
  );
  const isSame = apart.length === aligned.length && apart.every((segment, index) => segment === aligned[index]);
  const toTerritory = (segments: Territory['segments']) => ({
    host: foldedHost(host),
    segments,
    rootAlone: segments.length === 0 && !isOpen,
  });
  if (isSame || aligned.every(segment => segment === '')) return [toTerritory(apart)];
  return [toTerritory(aligned), toTerritory(apart)];
}

function foldedHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function folded(part: string): string {
  const [text = ''] = decoded(part).normalize('NFKC').toLowerCase().split(';', 1);
  return text;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Whether all that `inner` leads to is in `outer`. */
export function covers(outer: Territory, inner: Territory): boolean {
  if (!coversHost(outer.host, inner.host)) return false;
  if (outer.rootAlone) return inner.rootAlone;
  return (
    outer.segments.length <= inner.segments.length &&
    outer.segments.every((segment, index) => segment === undefined || segment === inner.segments[index])
  );
}

function coversHost(outer: string, inner: string): boolean {
  if (outer === inner || outer === ANY_HOST) return true;
  // `*.example.com` stands for exactly one more label.
  return outer.startsWith('*.') && !inner.startsWith('*') && inner.slice(inner.indexOf('.')) === outer.slice(1);
}

/** Whether a host is in both patterns. A host itself is a pattern, too. */
export function hostsMeet(one: string, other: string): boolean {
  const [a, b] = [foldedHost(one), foldedHost(other)];
  return coversHost(a, b) || coversHost(b, a);
}

/** The common part of both; undefined when there is none. */
export function meet(one: Territory, other: Territory): Territory | undefined {
  const host = coversHost(one.host, other.host) ? other.host : coversHost(other.host, one.host) ? one.host : undefined;
  if (host === undefined) return undefined;
  const [shorter, longer] = one.segments.length <= other.segments.length ? [one, other] : [other, one];
  if (shorter.rootAlone && longer.segments.length > 0) return undefined;
  const segments: (string | undefined)[] = [];
  for (const [index, segment] of longer.segments.entries()) {
    const also = shorter.segments[index];
    if (segment !== undefined && also !== undefined && segment !== also) return undefined;
    segments.push(segment ?? also);
  }
  return { host, segments, rootAlone: one.rootAlone || other.rootAlone };
}

/** The text for people, such as `shop.example.com/orders/*`. */
export function shownTerritory({ host, segments, rootAlone }: Territory): string {
  const path = segments.map(segment => `/${segment === undefined ? ':' : encodeURIComponent(segment)}`).join('');
  return `${host === ANY_HOST ? '' : host}${rootAlone ? '/' : `${path}/*`}`;
}
