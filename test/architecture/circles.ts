// Circles in a graph: Tarjan's strongly connected components of more than one node.

/** Each circle as the sorted list of its nodes. */
export function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const search = new Search(graph);
  for (const node of graph.keys()) search.visit(node);
  return search.circles;
}

class Search {
  readonly circles: string[][] = [];
  readonly #graph: ReadonlyMap<string, readonly string[]>;
  readonly #order = new Map<string, number>();
  readonly #lowest = new Map<string, number>();
  readonly #stack: string[] = [];

  constructor(graph: ReadonlyMap<string, readonly string[]>) {
    this.#graph = graph;
  }

  visit(node: string): void {
    if (this.#order.has(node)) return;
    const at = this.#order.size;
    this.#order.set(node, at);
    this.#lowest.set(node, at);
    this.#stack.push(node);
    for (const next of this.#graph.get(node) ?? []) {
      const isNew = !this.#order.has(next);
      this.visit(next);
      const reached = isNew ? this.#lowest.get(next) : this.#stack.includes(next) ? this.#order.get(next) : undefined;
      this.#lowest.set(node, Math.min(this.#lowest.get(node) ?? at, reached ?? at));
    }
    if (this.#lowest.get(node) !== at) return;
    const circle = this.#stack.splice(this.#stack.indexOf(node));
    if (circle.length > 1) this.circles.push(circle.sort());
  }
}
