// Finds what a template gives to functions of lists, such as `sum(event.data.items)`.
import { BASE64 } from './functions/bytes.ts';
import type { FunctionDefinition } from './functions/definition.ts';
import { functionDefinitions } from './functions/functions.ts';
import { MATH } from './functions/numbers.ts';
import { binderOf, callOf, isNode, type Node, nodesIn } from './internal/ast.ts';
import { memberPath } from './internal/references.ts';
import type { Scope } from './scope.ts';
import { splitTemplate } from './split-template.ts';

export interface ListArgument {
  /** Such as `sum`. */
  readonly of: string;
  /** A variable and members, such as `['event', 'data', 'items']`. */
  readonly path: readonly string[];
  /** Position in the template. */
  readonly offset: number;
}

const formsOf = Map.groupBy(functionDefinitions, ({ name }) => name);

/** The value of a call that has to be a list, in whatever form the function is called. */
function listOf(node: Node): { readonly name: string; readonly list: Node } | undefined {
  const call = callOf(node);
  if (call === undefined) return undefined;
  const { name, receiver, args } = call;
  const list = receiver ?? args[0];
  const isCalled = (form: FunctionDefinition) =>
    (form.receiver === undefined) === (receiver === undefined) && form.params.length === args.length;
  const first = (formsOf.get(name) ?? []).filter(isCalled).map(form => form.receiver ?? form.params[0]?.[1] ?? '');
  const known = first.filter(type => type !== MATH && type !== BASE64);
  return list && known.length > 0 && known.every(type => type.startsWith('list<')) ? { name, list } : undefined;
}

/** It looks at those that are variables or members; at none in a template that does not compile. */
export function listArguments(template: string, scope: Scope): ListArgument[] {
  const split = splitTemplate(template);
  if ('open' in split) return [];
  return split.parts.flatMap(part => {
    if (part.kind === 'text') return [];
    try {
      const root: unknown = scope.checker.parse(part.source).ast;
      return isNode(root) ? argumentsBelow(root, new Set(), part.offset) : [];
    } catch {
      return [];
    }
  });
}

/** `bound`: variables of loops. */
function argumentsBelow(node: Node, bound: ReadonlySet<string>, offset: number): ListArgument[] {
  const given = listOf(node);
  const path = given && memberPath(given.list);
  const isFree = path?.[0] !== undefined && !bound.has(path[0]);
  const own = given && path && isFree ? [{ of: given.name, path, offset: offset + given.list.start }] : [];
  const binder = binderOf(node);
  const below = binder
    ? [
        ...binder.outside.flatMap(child => argumentsBelow(child, bound, offset)),
        ...binder.inside.flatMap(child => argumentsBelow(child, new Set(bound).add(binder.variable), offset)),
      ]
    : nodesIn(node.args).flatMap(child => argumentsBelow(child, bound, offset));
  return [...own, ...below];
}
