// Spellings of a path that many servers take for one: letters in either case, and matrix parameters
// (`;jsessionid=1`) behind a segment.

export interface PathFolds {
  /** Letters in either case are the same. */
  readonly letterCase: boolean;
  /** Text behind a `;` in a segment has no meaning. */
  readonly matrix: boolean;
}

const MATRIX = /(?:;|%3B)[^/]*/g;
const NOT_ASCII = /(?:%[89A-F][0-9A-F])+/g;

/** Whether a segment of a normalised path has matrix parameters, plain or encoded. */
export function hasMatrix(path: string): boolean {
  return path.includes(';') || path.includes('%3B');
}

export function withoutMatrix(path: string): string {
  return hasMatrix(path) ? path.replace(MATRIX, '') : path;
}

/** A normalised path as all its spellings are written; it has as many segments as before. */
export function foldPath(path: string, { letterCase, matrix }: PathFolds): string {
  const bare = matrix ? withoutMatrix(path) : path;
  return letterCase ? foldCase(bare) : bare;
}

/** The same for the path of a route, whose parameters keep their names. */
export function foldRoute(path: string, folds: PathFolds): string {
  return path
    .split('/')
    .map(segment => (segment.startsWith(':') || segment === '*' ? segment : foldPath(normal(segment), folds)))
    .join('/');
}

/** As `normalizePath` leaves the paths of requests. */
function normal(segment: string): string {
  return segment.replace(/%([0-9A-Fa-f]{2})/g, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase();
  });
}

/**
 * Escapes keep their upper case; those of letters beyond ASCII become those of
 * the letter in lower case.
 */
function foldCase(path: string): string {
  return path
    .replace(NOT_ASCII, escaped => encodeURIComponent(decodeURIComponent(escaped).toLowerCase()))
    .replace(/%[0-9A-F]{2}|[A-Z]+/g, text => (text.startsWith('%') ? text : text.toLowerCase()));
}
