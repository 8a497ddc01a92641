// Which variables and members an expression reads, e.g. `order.body.customerId`: what planners need
// to know, found without evaluating.
import { binderOf, callOf, type Node, nodesIn } from './ast.ts';

/**
 * Paths in the order they are written, without repeats. Only names for which `isVariable` says true
 * count; loop variables do not.
 */
export function referencesOf(root: Node, isVariable: (name: string) => boolean): string[] {
  const found = new Set<string>();
  collect(root, isVariable, new Set(), found);
  return [...found];
}

function collect(
  node: Node,
  isVariable: (name: string) => boolean,
  bound: ReadonlySet<string>,
  found: Set<string>,
): void {
  const path = pathOf(node);
  const root = path?.[0];
  if (path && root !== undefined) {
    if (isVariable(root) && !bound.has(root)) found.add(path.join('.'));
  }
  const binder = binderOf(node);
  if (binder) {
    for (const child of binder.outside) collect(child, isVariable, bound, found);
    const inner = new Set(bound).add(binder.variable);
    for (const child of binder.inside) collect(child, isVariable, inner, found);
    return;
  }
  for (const child of path ? indexesOf(node) : nodesIn(node.args)) collect(child, isVariable, bound, found);
}

/** Undefined unless the node is a variable, or a member of one by names that are written. */
export function memberPath(node: Node): string[] | undefined {
  return isCut(node) ? undefined : pathOf(node);
}

/** `a.b["c"]` → ['a', 'b', 'c']; a computed index ends the path before it. */
function pathOf(node: Node): string[] | undefined {
  if (node.op === 'id' && typeof node.args === 'string') return [node.args];
  if (callOf(node) || !Array.isArray(node.args) || !ACCESS.has(node.op)) return undefined;
  const [left, right] = node.args;
  const [base] = nodesIn(left);
  const path = base && pathOf(base);
  if (!path) return undefined;
  const member = memberName(right);
  return member === undefined || isCut(base) ? path : [...path, member];
}

const ACCESS = new Set(['.', '.?', '[]', '[?]']);

function memberName(right: unknown): string | undefined {
  if (typeof right === 'string') return right;
  const [index] = nodesIn(right);
  return index?.op === 'value' && typeof index.args === 'string' ? index.args : undefined;
}

/** Whether the path of `node` had to end before its last step. */
function isCut(node: Node): boolean {
  if (!ACCESS.has(node.op) || !Array.isArray(node.args)) return false;
  const [base] = nodesIn(node.args[0]);
  return memberName(node.args[1]) === undefined || (base !== undefined && isCut(base));
}

/** Computed indexes along a path, which may read variables themselves. */
function indexesOf(node: Node): Node[] {
  if (!ACCESS.has(node.op) || !Array.isArray(node.args)) return [];
  const [base] = nodesIn(node.args[0]);
  return [...(base ? indexesOf(base) : []), ...nodesIn(node.args[1])];
}
