// Lists whose items a function can never work with, such as texts that are added.
import { functionDefinitions } from '../functions/functions.ts';
import { callOf, type Node, nodesIn } from './ast.ts';
import { typeInWords } from './names.ts';

const rules = new Map(functionDefinitions.flatMap(one => (one.items ? [[one.name, one.items] as const] : [])));

/** The list of the first such call below `root`, which has to be type-checked, and why. */
export function badItems(root: Node): { node: Node; reason: string } | undefined {
  const call = callOf(root);
  const rule = call && rules.get(call.name);
  const list = call && [...(call.receiver ? [call.receiver] : []), ...call.args][0];
  if (rule && list) {
    const item = /^list<(.+)>$/s.exec(list.checkedType?.name ?? '')?.[1] ?? 'dyn';
    if (rule.refused.has(item.replace(/<.*/s, '')))
      return { node: list, reason: `Each item of the list is ${typeInWords(item)}. ${rule.says}` };
  }
  for (const child of nodesIn(root.args)) {
    const below = badItems(child);
    if (below) return below;
  }
  return undefined;
}
