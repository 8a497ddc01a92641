// Faults of a YAML document besides its syntax: too deep, the same key twice, aliases of nothing.
import { isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';

/**
 * Deepest nesting of a document; the deepest that makes sense in a resource is about half of it.
 */
const MAX_DEPTH = 64;
export const TOO_DEEP = `This is nested more than ${MAX_DEPTH} deep.`;

export interface DocumentFault {
  readonly message: string;
  readonly offset: number;
}

/**
 * All of them, in the order in which they are written. The parser's own search for equal
 * keys takes quadratic time.
 */
export function documentFaults(root: unknown): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const anchors = new Set<string>();
  walk(root, 0, anchors, faults);
  return faults;
}

function walk(node: unknown, depth: number, anchors: Set<string>, faults: DocumentFault[]): void {
  if (isAlias(node)) {
    if (!anchors.has(node.source)) faults.push(fault(node, 'This alias names an anchor that does not exist.'));
    return;
  }
  if (isScalar(node) || isMap(node) || isSeq(node)) {
    if (node.anchor !== undefined) anchors.add(node.anchor);
  }
  if (!isMap(node) && !isSeq(node)) return;
  if (depth >= MAX_DEPTH) {
    faults.push(fault(node, TOO_DEEP));
    return;
  }
  const keys = new Set<string>();
  for (const item of node.items) {
    if (!isPair(item)) {
      walk(item, depth + 1, anchors, faults);
      continue;
    }
    walk(item.key, depth + 1, anchors, faults);
    walk(item.value, depth + 1, anchors, faults);
    const { key } = item;
    if (!isScalar(key) || key.value === '<<') continue;
    const name = String(key.value);
    if (keys.has(name)) faults.push(fault(key, 'This key is there twice. Remove one of the two.'));
    keys.add(name);
  }
}

function fault({ range }: Node, message: string): DocumentFault {
  return { message, offset: range?.[0] ?? 0 };
}
