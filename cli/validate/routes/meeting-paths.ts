// Tells whether a path that a Function gets can be one that a route of its code takes.
import { overlap, type PathShape, shapeOf } from '../../../core/paths/path-shape.ts';

/** Stands for the value of an expression; no path holds it. */
const VALUE = '\u{e000}';
const WITH_VALUE = /[^/]*\u{e000}[^/]*/gu;

/**
 * `sent`: as Apis write paths. `taken`: as code does, such as `/files/*path`, with a name after the
 * star.
 */
export function mayMeet(sent: string, taken: string, ignoresCase: boolean): boolean {
  const [one, other] = [sent, taken.replace(/\/\*[^/]*$/, '/*')].map(path =>
    toShape(ignoresCase ? path.toLowerCase() : path),
  );
  // A literal part that is no encoding may stand for anything.
  if (one === undefined || other === undefined) return true;
  return overlap(one, other) && !meetsAsNothing(one, other);
}

/**
 * A path with expressions, whose values stay inside their segments, as a path with parameters;
 * undefined where it is not sure.
 */
export function withoutExpressions(template: string): string | undefined {
  const text = template.replace(/\$\{(?:[^{}"']|"[^"\\]*"|'[^'\\]*')*\}/g, VALUE);
  if (text.includes('${')) return undefined;
  const [path = ''] = text.split('?', 1);
  return path.replace(WITH_VALUE, ':value');
}

function toShape(path: string): PathShape | undefined {
  try {
    return shapeOf(path);
  } catch {
    return undefined;
  }
}

/** A parameter is never empty. */
function meetsAsNothing({ segments }: PathShape, taken: PathShape): boolean {
  return segments.some(
    (segment, at) => segment === '' && at < taken.segments.length && taken.segments[at] === undefined,
  );
}
