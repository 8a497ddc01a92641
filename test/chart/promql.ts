// Reads PromQL as Prometheus' own editor does: which figures an expression asks for, by which
// labels, and whether it can be read at all.
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Asked {
  readonly metric: string;
  /** Labels that it is chosen or grouped by. */
  readonly labels: readonly string[];
}

/** Throws when it cannot be read. */
export function readPromql(expr: string): Asked[] {
  // Variables of Grafana are no PromQL.
  const text = expr.replaceAll('$__rate_interval', '5m');
  const tree = parser.parse(text);
  const asked: Asked[] = [];
  tree.iterate({
    enter({ node }) {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${text}`);
      if (node.name === 'VectorSelector') asked.push(read(node));
    },
  });
  return asked;

  function read(selector: SyntaxNode): Asked {
    const metric = selector.getChild('Identifier');
    const labels = namesIn(selector);
    for (let above = selector.parent; above !== null; above = above.parent) {
      if (above.name !== 'AggregateExpr') continue;
      const modifier = above.getChild('AggregateModifier');
      if (modifier) labels.push(...namesIn(modifier));
      // What is grouped has the labels of its grouping alone, whatever is around it.
      break;
    }
    return { metric: metric === null ? '' : text.slice(metric.from, metric.to), labels };
  }

  function namesIn(node: SyntaxNode): string[] {
    const names: string[] = [];
    node.cursor().iterate(({ name, from, to }) => {
      if (from < node.from || to > node.to) return false;
      if (name === 'LabelName') names.push(text.slice(from, to));
      return true;
    });
    return names;
  }
}
