// Takes the slashes off the end of a path.

/**
 * A path, or an address, without the slashes at its end. A pattern such as `/\/+$/` takes quadratic
 * time on slashes that are not at the end, which whoever sends requests may write.
 */
export function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end--;
  return path.slice(0, end);
}
