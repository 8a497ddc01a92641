// The words for nodes and rates of a graph.
import type { GraphNode } from '../../admin/graph/graph-view.ts';

export function rateText(perSecond: number | undefined): string {
  if (perSecond === undefined) return '';
  return `${perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 100) / 100}/s`;
}

/** The namespaces show where there are several. */
export function namesOf(nodes: readonly GraphNode[]): ReadonlyMap<string, string> {
  const several = new Set(nodes.flatMap(({ namespace }) => namespace ?? [])).size > 1;
  return new Map(
    nodes.map(({ id, kind, namespace, name, nodes: members }) => {
      const where = several && namespace !== undefined && kind !== 'Namespace' ? ` in ${namespace}` : '';
      const what = members === undefined ? `${kind} ${name}` : kind === 'Namespace' ? `Namespace ${name}` : `${kind}s`;
      return [id, `${what}${where}${members === undefined ? '' : ` (${members})`}`];
    }),
  );
}
