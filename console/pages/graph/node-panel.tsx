// One node of the graph: how it does, what leads to it and where it leads, and the ways on.
import type { Graph, GraphEdge, GraphNode } from '../../../admin/graph/graph-view.ts';
import { Badge } from '../../parts/badge.tsx';
import { Figure } from '../../parts/figure.tsx';
import { numberWords, rateWords } from '../../parts/words.ts';
import { linkTo, withQuery } from '../../shell/router.ts';
import {
  countsOf,
  howBackWords,
  howWords,
  isResource,
  linkInto,
  linkOfCount,
  stateOfNode,
  underWords,
} from './graph-words.ts';
import { keyOfEdge } from './layout.ts';
import type { GraphFilter } from './load-graph.ts';

export function NodePanel(props: { readonly node: GraphNode; readonly graph: Graph; readonly filter: GraphFilter }) {
  const { node, graph, filter } = props;
  const { tone, word } = stateOfNode(node);
  const counts = countsOf(node);
  return (
    <aside class="node-panel" aria-labelledby="node-panel-title">
      <header>
        <p class="over">{underWords(node)}</p>
        <h2 id="node-panel-title">{node.name}</h2>
        <Badge tone={tone} word={word} />
      </header>
      <Ways node={node} filter={filter} />
      {counts.length === 0 ? null : (
        <dl class="figures">
          {counts.map(count => (
            <Figure
              key={count.name}
              title={count.words}
              value={<span class={count.isUrgent ? 'bad' : ''}>{numberWords(count.count)}</span>}
              href={linkOfCount(node, count)}
            />
          ))}
        </dl>
      )}
      <Ends title="Comes from" edges={graph.edges.filter(({ to }) => to === node.id)} end="from" graph={graph} />
      <Ends title="Leads to" edges={graph.edges.filter(({ from }) => from === node.id)} end="to" graph={graph} />
    </aside>
  );
}

function Ways({ node, filter }: { readonly node: GraphNode; readonly filter: GraphFilter }) {
  const { id, kind, namespace = '', name } = node;
  return (
    <div class="node-ways">
      {isResource(kind) && node.nodes === undefined ? (
        <a class="button small" href={linkTo(['resources', kind, namespace, name])}>
          Open the {kind}
        </a>
      ) : null}
      {node.nodes === undefined ? null : (
        <a class="button small" href={linkInto(node)}>
          Show what is in it
        </a>
      )}
      {node.nodes === undefined && filter.node !== id ? (
        <a class="button small" href={withQuery({ node: id, depth: undefined, kind: undefined, group: undefined })}>
          Only what is around it
        </a>
      ) : null}
      <a class="button small ghost" href={withQuery({ at: undefined })}>
        Close
      </a>
    </div>
  );
}

function Ends(props: {
  readonly title: string;
  readonly edges: readonly GraphEdge[];
  readonly end: 'from' | 'to';
  readonly graph: Graph;
}) {
  const { title, edges, end, graph } = props;
  if (edges.length === 0) return null;
  const names = new Map(graph.nodes.map(each => [each.id, `${each.kind} ${each.name}`]));
  const words = end === 'to' ? howWords : howBackWords;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="node-ends">
        {edges.map(edge => (
          <li key={keyOfEdge(edge)}>
            <span class="muted">{words[edge.how]}</span>{' '}
            <a href={withQuery({ at: edge[end] })}>{names.get(edge[end]) ?? edge[end]}</a>
            <TrafficOf edge={edge} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function TrafficOf({ edge: { flow, lag, count } }: { readonly edge: GraphEdge }) {
  const rate = rateWords(flow?.perSecond);
  const errors = flow?.errorsPerSecond ?? 0;
  const parts = [
    ...(flow === undefined ? [] : [`${numberWords(flow.total)} in all`]),
    ...(rate === undefined ? [] : [rate]),
    ...(lag === undefined ? [] : [`${numberWords(lag)} wait`]),
    ...(count > 1 ? [`${count} places`] : []),
  ];
  const failed = flow === undefined || flow.errors === 0 ? undefined : `${numberWords(flow.errors)} failed`;
  return (
    <div class="node-traffic muted">
      {parts.join(' · ')}
      {failed === undefined ? null : (
        <span class={errors > 0 ? 'bad' : ''}>
          {parts.length > 0 ? ' · ' : ''}
          {failed}
          {errors > 0 ? `, ${rateWords(errors)}` : ''}
        </span>
      )}
      {flow?.covers === 'process' ? (
        <span title="Only the process that answers has counted this."> (this process)</span>
      ) : null}
    </div>
  );
}
