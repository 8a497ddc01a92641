// Calls that cannot work whatever the data are, as a literal in them is wrong.
import { compilePattern } from '../../patterns.ts';
import { functionDefinitions } from '../functions/functions.ts';
import { callOf, type Node, nodesIn } from './ast.ts';
import { MATCHES, writtenNames } from './environment.ts';

/** The call with such a literal, or the literal, and why; the first one below `root`. */
export function badLiteral(root: Node): { node: Node; reason: string } | undefined {
  const found = badPattern(root) ?? badArgument(root);
  if (found) return found;
  for (const child of nodesIn(root.args)) {
    const below = badLiteral(child);
    if (below) return below;
  }
  return undefined;
}

function badPattern(node: Node): { node: Node; reason: string } | undefined {
  const call = callOf(node);
  const last = call?.name === MATCHES ? call.args.at(-1) : undefined;
  if (last?.op !== 'value' || typeof last.args !== 'string') return undefined;
  try {
    compilePattern(last.args);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it does not compile';
    return { node: last, reason: `The regular expression does not compile: ${why}.` };
  }
}

function badArgument(node: Node): { node: Node; reason: string } | undefined {
  const call = callOf(node);
  if (!call) return undefined;
  const name = writtenNames(call.name);
  const given = call.receiver ? [call.receiver, ...call.args] : call.args;
  const literals = given.map(one => (one.op === 'value' ? one.args : undefined));
  for (const { name: of, receiver, params, refuses } of functionDefinitions) {
    if (of !== name || params.length !== call.args.length || (receiver === undefined) !== !call.receiver) continue;
    for (const [index, argument] of given.entries()) {
      const reason = refuses?.(literals.map((literal, other) => (other === index ? literal : undefined)));
      if (reason !== undefined) return { node: argument, reason };
    }
  }
  return undefined;
}
