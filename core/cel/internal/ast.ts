// The syntax tree of cel-js as far as we touch it: its public nodes, plus what its
// type checker leaves on them.

export type Handle = (a: unknown, b: unknown, c: unknown, d: unknown) => unknown;

export interface Node {
  readonly op: string;
  args: unknown;
  readonly start: number;
  readonly end: number;
  /** Runs the operation on evaluated operands; set by the type checker. */
  handle?: Handle;
  readonly checkedType?: { readonly name: string };
  readonly meta: {
    /** The expansion of a macro such as `map`. */
    readonly alternate?: Node;
    /** A macro that runs by itself, such as `has`. */
    readonly macro?: unknown;
  };
}

export interface Comprehension {
  readonly iterable: Node;
  readonly step: Node;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'meta' in value;
}

export function isComprehension(value: unknown): value is Comprehension {
  return typeof value === 'object' && value !== null && 'iterable' in value && 'step' in value;
}

/** The name, receiver and arguments of a call in either spelling: `f(a, b)` or `a.f(b)`. */
export function callOf(node: Node): { name: string; receiver: Node | undefined; args: Node[] } | undefined {
  if (!Array.isArray(node.args) || (node.op !== 'call' && node.op !== 'rcall')) return undefined;
  const [name, first, second] = node.args;
  if (typeof name !== 'string') return undefined;
  if (node.op === 'call') return { name, receiver: undefined, args: nodesIn(first) };
  return { name, receiver: isNode(first) ? first : undefined, args: nodesIn(second) };
}

/**
 * Every node inside `value`, which is a node's `args`: a node, a list of nodes, a list of
 * pairs of nodes, or a literal.
 */
export function nodesIn(value: unknown): Node[] {
  if (isNode(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isComprehension(value) ? [value.iterable, value.step] : [];
}

/** Visits `node` and all below it as they were written, macros not expanded. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const child of nodesIn(node.args)) walk(child, visit);
}

/**
 * The variable that a macro such as `list.map(x, …)` or `cel.bind(x, …)` introduces, and the
 * arguments in which it is known.
 */
export function binderOf(node: Node): { variable: string; outside: Node[]; inside: Node[] } | undefined {
  const call = callOf(node);
  if (!call?.receiver) return undefined;
  const [binder, ...rest] = call.args;
  if (binder?.op !== 'id' || typeof binder.args !== 'string') return undefined;
  if (node.meta.alternate) return { variable: binder.args, outside: [call.receiver], inside: rest };
  if (call.name !== 'bind' || !node.meta.macro) return undefined;
  return { variable: binder.args, outside: rest.slice(0, 1), inside: rest.slice(1) };
}
