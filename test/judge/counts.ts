// Compares what is there with what should be, each as often.

/**
 * Whether two lists have the same members the same number of times: what is missing, and what is
 * there too often; with more to say of each.
 */
export function compareCounts(
  what: string,
  found: Iterable<string>,
  expected: Iterable<string>,
  detail?: (each: string) => string,
): string[] {
  const counts = new Map<string, number>();
  for (const each of expected) counts.set(each, (counts.get(each) ?? 0) - 1);
  for (const each of found) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([each, count]) => {
      const differs = count > 0 ? `${count} times too often` : `${-count} times too few`;
      return `${what} has ${each} ${differs}${detail ? ` (${detail(each)})` : ''}`;
    });
}
