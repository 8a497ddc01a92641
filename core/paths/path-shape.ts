// The shape of a route's path: literal parts, parameters, and a last `*`; what it matches, and
// which of two is more specific.

export interface PathShape {
  /** Decoded literals; undefined for a parameter. */
  readonly segments: readonly (string | undefined)[];
  /** Names of the parameters in order. */
  readonly params: readonly string[];
  /** Ends in `/*`, which matches the rest, an empty one too. */
  readonly open: boolean;
}

export function shapeOf(path: string): PathShape {
  const open = path.endsWith('/*');
  const parts = (open ? path.slice(0, -2) : path).split('/').slice(1);
  const params: string[] = [];
  const segments = parts.map(part => {
    if (!part.startsWith(':')) return decodeURIComponent(part);
    params.push(part.slice(1));
    return undefined;
  });
  return { segments, params, open };
}

/** One text for all paths of the same shape, whatever their parameters are called. */
export function shapeKey({ segments, open }: PathShape): string {
  return segments.map(segment => (segment === undefined ? ':' : `/${segment}`)).join('\n') + (open ? '\n*' : '');
}

/**
 * Negative when `a` is more specific: compared segment by segment, literal
 * before parameter before `*`.
 */
export function compareShapes(a: PathShape, b: PathShape): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index <= length; index++) {
    const difference = rankAt(a, index) - rankAt(b, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rankAt({ segments, open }: PathShape, index: number): number {
  if (index < segments.length) return segments[index] === undefined ? 1 : 0;
  return open ? 2 : 0;
}

/** Whether some path could match both. */
export function overlap(a: PathShape, b: PathShape): boolean {
  const shorter = Math.min(a.segments.length, b.segments.length);
  for (let index = 0; index < shorter; index++) {
    const [one, other] = [a.segments[index], b.segments[index]];
    if (one !== undefined && other !== undefined && one !== other) return false;
  }
  // When two shapes are equally long, an open one needs one segment more, which may be empty: they
  // are not the same path.
  if (a.segments.length === b.segments.length) return a.open === b.open;
  return a.segments.length < b.segments.length ? a.open : b.open;
}

/**
 * The parameters of `path` (normalised, still encoded) under the shape, or undefined when it does
 * not match. `values`: where they are taken from.
 */
export function matchShape(shape: PathShape, path: string, values = path): Record<string, string> | undefined {
  const parts = path.split('/').slice(1);
  const written = values === path ? parts : values.split('/').slice(1);
  const { segments, open, params } = shape;
  if (open ? parts.length <= segments.length : parts.length !== segments.length) return undefined;
  const found: Record<string, string> = {};
  let next = 0;
  for (const [index, segment] of segments.entries()) {
    const part = decodeURIComponent(parts[index] ?? '');
    if (segment === undefined) {
      if (part === '') return undefined;
      found[params[next++] ?? ''] = decodeURIComponent(written[index] ?? '');
    } else if (segment !== part) {
      return undefined;
    }
  }
  if (open) found['*'] = written.slice(segments.length).map(decodeURIComponent).join('/');
  return found;
}
