// Answers "what is there?": the application as a graph that lives, and a list of the same nodes
// beside it. The address has what is shown.
import type { Graph, GraphNode } from '../../../admin/graph/graph-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { wholeOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { rights } from '../../api/rights.ts';
import { TextInAddress } from '../../parts/text-in-address.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { navigate, query, withQuery } from '../../shell/router.ts';
import { GraphDrawing } from './drawing.tsx';
import { OUTSIDE } from './graph-words.ts';
import { type GraphFilter, type Grouping, isGrouping, type LoadedGraph, loadGraph } from './load-graph.ts';
import { NodeList } from './node-list.tsx';
import { NodePanel } from './node-panel.tsx';

const ALL = wholeOf('resource', 'function', 'topic', 'consumer', 'view', 'pipeline', 'fan-out');
const GROUP_WORDS: Readonly<Record<Grouping, string>> = {
  none: 'every node',
  kind: 'a box for each kind',
  namespace: 'a box for each namespace',
};

export function GraphPage() {
  const said = query.value;
  const group = said.get('group');
  const filter: GraphFilter = {
    namespace: said.get('namespace') ?? undefined,
    kind: said.get('kind') ?? undefined,
    node: said.get('node') ?? undefined,
    depth: said.get('depth') ?? undefined,
    group: isGrouping(group) ? group : undefined,
  };
  const loaded = useLive(`graph ${JSON.stringify(filter)}`, signal => loadGraph(filter, signal), { on: ALL });
  return (
    <div class="graph-page">
      <PageHead title="What is there">
        {loaded.data === undefined ? null : <p class="muted">{sizeWords(loaded.data)}</p>}
      </PageHead>
      <Filters of={loaded.data} filter={filter} />
      <View of={loaded}>{data => <Shown of={data} filter={filter} />}</View>
    </div>
  );
}

function sizeWords({ listed, drawn, grouping }: LoadedGraph): string {
  const size = ({ nodes, edges }: Graph, what: string) =>
    `${counted(nodes.length, what)}, ${counted(edges.length, 'edge')}`;
  if (grouping === 'none') return size(listed, 'node');
  if (drawn === undefined || drawn === listed) return size(listed, 'group');
  return `${size(listed, 'node')}; drawn in ${counted(drawn.nodes.length, 'group')}`;
}

function Shown({ of, filter }: { readonly of: LoadedGraph; readonly filter: GraphFilter }) {
  const { listed, drawn, notes } = of;
  const chosenId = query.value.get('at') ?? undefined;
  const chosen = listed.nodes.find(({ id }) => id === chosenId);
  const text = (query.value.get('q') ?? '').toLowerCase();
  const isMeant = ({ kind, name }: GraphNode) => `${kind} ${name}`.toLowerCase().includes(text);
  if (listed.nodes.length === 0) return <Nothing />;
  return (
    <>
      {notes.map(note => (
        <p key={note} class="banner banner-warn">
          {note}
        </p>
      ))}
      <div class={chosen === undefined ? 'graph-shown' : 'graph-shown with-panel'}>
        {drawn === undefined ? (
          <p class="banner">
            Too many boxes for a drawing. Choose a namespace or a kind, or a node of the list and what is around it.
          </p>
        ) : (
          <GraphDrawing graph={drawn} chosen={chosen && boxOf(chosen, of)} isMeant={isMeant} />
        )}
        {chosen === undefined ? null : <NodePanel node={chosen} graph={listed} filter={filter} />}
        <NodeList graph={listed} isMeant={isMeant} />
      </div>
    </>
  );
}

/** The id of the box that shows a node: its own, or that of its group. */
function boxOf({ id, kind, namespace = '', nodes }: GraphNode, { grouping }: LoadedGraph): string {
  if (nodes !== undefined || grouping === 'none') return id;
  return grouping === 'kind' ? `${kind}/${namespace}` : namespace;
}

function Nothing() {
  return (
    <Empty title="Nothing is there that matches">
      <p>
        <a href={withQuery({ namespace: undefined, kind: undefined, node: undefined, depth: undefined })}>
          Show everything
        </a>
      </p>
    </Empty>
  );
}

function Filters({ of, filter }: { readonly of: LoadedGraph | undefined; readonly filter: GraphFilter }) {
  const namespaces = new Set([
    ...(rights.value?.namespaces.map(({ namespace }) => namespace) ?? []),
    ...(of?.listed.nodes.flatMap(({ namespace }) => namespace ?? []) ?? []),
    ...(filter.namespace === undefined ? [] : [filter.namespace]),
  ]);
  const go = (said: Readonly<Record<string, string | undefined>>) => navigate(withQuery(said), 'replace');
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      <TextInAddress name="q" label="Name" />
      <Choice label="Kind" value={filter.kind} values={[...kindNames, ...OUTSIDE]} choose={kind => go({ kind })} />
      {namespaces.size < 2 ? null : (
        <Choice
          label="Namespace"
          value={filter.namespace}
          values={[...namespaces].toSorted()}
          choose={namespace => go({ namespace })}
        />
      )}
      <label>
        Draw
        <select value={filter.group ?? ''} onChange={event => go({ group: event.currentTarget.value })}>
          <option value="">as fine as can be read</option>
          {Object.entries(GROUP_WORDS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {filter.node === undefined ? null : <Around node={filter.node} depth={filter.depth ?? '1'} />}
    </form>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string | undefined;
  readonly values: readonly string[];
  readonly choose: (value: string) => void;
}) {
  return (
    <label>
      {props.label}
      <select value={props.value ?? ''} onChange={event => props.choose(event.currentTarget.value)}>
        <option value="">all</option>
        {props.values.map(value => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Only what is around one node is shown: how far, and the way back to all. */
function Around({ node, depth }: { readonly node: string; readonly depth: string }) {
  const [kind = '', , name = ''] = node.split('/');
  return (
    <div class="around">
      <span class="muted">
        around {kind} {name}
      </span>
      <select
        aria-label="How far around it"
        value={depth}
        onChange={event => navigate(withQuery({ depth: event.currentTarget.value }), 'replace')}
      >
        {['1', '2', '3', '5', '10'].map(value => (
          <option key={value} value={value}>
            {value === '1' ? '1 step' : `${value} steps`}
          </option>
        ))}
      </select>
      <a class="button small" href={withQuery({ node: undefined, depth: undefined })}>
        Show everything
      </a>
    </div>
  );
}
