// Which paths the path of a route stands for below a base path.

export interface Place {
  readonly path: string;
  /** It follows from a `/*` and stands behind every route that names the path itself. */
  readonly implied: boolean;
}

/**
 * `/` and an empty path are the base path itself, with and without a slash at its end; `/*` takes the base path, too.
 * `basePath`: without a trailing slash, empty for the root.
 */
export function placesBelow(basePath: string, path: string): Place[] {
  const named = (...paths: string[]) => paths.map(each => ({ path: each, implied: false }));
  if (basePath === '') return named(path === '' ? '/' : path);
  if (path === '' || path === '/') return named(basePath, `${basePath}/`);
  return [...named(basePath + path), ...(path === '/*' ? [{ path: basePath, implied: true }] : [])];
}
