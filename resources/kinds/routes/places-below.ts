// The paths that the path of a route stands for below a base path.

export interface Place {
  readonly path: string;
  /** The place follows from a `/*` and stands behind every route that names the path itself. */
  readonly implied: boolean;
}

/** The path with a slash at its end, or without; of `/orders/*` the path before it. */
export function otherEnd(path: string): string | undefined {
  if (path === '/' || path === '/*') return undefined;
  if (path.endsWith('/*')) return path.slice(0, -2);
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
}

/**
 * Adds the places that follow where a slash at the end says nothing; a route that names one of them
 * goes before.
 */
export function withOtherEnds(places: readonly Place[]): Place[] {
  const named = new Set(places.map(({ path }) => path));
  const others = places.flatMap(({ path }) => {
    const other = otherEnd(path);
    return other === undefined || named.has(other) ? [] : [{ path: other, implied: true }];
  });
  return [...places, ...others];
}

/**
 * `/` and an empty path are the base path itself, with and without a slash at its end; `/*`
 * takes the base path, too.
 * `basePath`: without a trailing slash, empty for the root.
 */
export function placesBelow(basePath: string, path: string): Place[] {
  const named = (...paths: string[]) => paths.map(each => ({ path: each, implied: false }));
  if (basePath === '') return named(path === '' ? '/' : path);
  if (path === '' || path === '/') return named(basePath, `${basePath}/`);
  return [...named(basePath + path), ...(path === '/*' ? [{ path: basePath, implied: true }] : [])];
}
