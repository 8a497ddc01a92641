// Finds circles in what depends on what.

/**
 * One circle for each group of nodes that lead to each other, as the nodes in order; the first
 * is not repeated at the end.
 */
export function findCycles<T>(nodes: Iterable<T>, next: (node: T) => Iterable<T>): T[][] {
  const done = new Set<T>();
  const onPath = new Map<T, number>();
  const cycles: T[][] = [];
  for (const start of nodes) {
    if (done.has(start)) continue;
    // An explicit stack: chains of resources may be longer than the call stack.
    const path: { node: T; rest: Iterator<T> }[] = [];
    const enter = (node: T) => {
      onPath.set(node, path.length);
      path.push({ node, rest: next(node)[Symbol.iterator]() });
    };
    enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { done: exhausted, value } = top.rest.next();
      if (exhausted) {
        onPath.delete(top.node);
        done.add(top.node);
        path.pop();
      } else if (onPath.has(value)) {
        cycles.push(path.slice(onPath.get(value)).map(({ node }) => node));
      } else if (!done.has(value)) {
        enter(value);
      }
    }
  }
  return cycles;
}

/** `a → b → a`. */
export function describeCycle(names: readonly string[]): string {
  return [...names, names[0]].map(name => `"${name}"`).join(' → ');
}
