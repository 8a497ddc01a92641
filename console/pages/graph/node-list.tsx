// Lists the nodes of a graph, sorted and filtered as the address says.
import { useMemo } from 'preact/hooks';
import type { Graph, GraphNode } from '../../../admin/graph/graph-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { Badge } from '../../parts/badge.tsx';
import { compareTexts } from '../../parts/first-of.ts';
import { sortHead } from '../../parts/sort-head.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Tone } from '../../parts/tone.ts';
import { numberWords, rateWords } from '../../parts/words.ts';
import { query, withQuery } from '../../shell/router.ts';
import { stateOfNode, underWords } from './graph-words.ts';

const TITLES = {
  name: 'Name',
  kind: 'Kind',
  state: 'State',
  rate: 'Traffic',
  errors: 'Errors',
  waits: 'Waits',
} as const;
type Order = keyof typeof TITLES;
const RANKS: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, busy: 2, good: 3, quiet: 4 };
const numeric = new Intl.Collator(undefined, { numeric: true });
/** Rows that a browser lays out without a pause; the page says what is left out. */
const MOST_ROWS = 500;

interface Row {
  readonly node: GraphNode;
  readonly rate: number | undefined;
  readonly errors: number | undefined;
  readonly waits: number | undefined;
}

export function NodeList({
  graph,
  isMeant,
}: {
  readonly graph: Graph;
  readonly isMeant: (node: GraphNode) => boolean;
}) {
  const said = query.value.get('sort') ?? 'state';
  const by: Order = said in TITLES ? (said as Order) : 'state';
  const isDown = query.value.get('down') === 'true';
  const places = usePlaces(graph);
  // Sorted once for each answer, as each letter that somebody types only leaves some out.
  const all = useMemo(
    () =>
      rowsOf(graph).toSorted(
        (one, other) => compareBy(one, other, by, places) * (isDown ? -1 : 1) || places(one, other),
      ),
    [graph, by, isDown],
  );
  const rows = all.filter(({ node }) => isMeant(node));
  const first = rows.slice(0, MOST_ROWS);
  return (
    <section class="node-list" aria-label="All nodes">
      <p class="muted count">
        {counted(rows.length, rows.some(({ node }) => node.nodes !== undefined) ? 'group' : 'node')}
      </p>
      {rows.length === 0 ? (
        <p>
          No node has that in its name. <a href={withQuery({ q: undefined })}>Show all</a>
        </p>
      ) : (
        <Table columns={columnsOf(by, isDown)} rows={first} keyOf={({ node }) => node.id} />
      )}
      {rows.length > MOST_ROWS ? (
        <p class="banner">
          The first {MOST_ROWS} of {rows.length} are listed. Type a part of the name, or choose a kind.
        </p>
      ) : null}
    </section>
  );
}

/** The traffic comes to a node; where none does, it is what goes out of it. */
function rowsOf({ nodes, edges }: Graph): readonly Row[] {
  const into = Map.groupBy(edges, ({ to }) => to);
  const outOf = Map.groupBy(edges, ({ from }) => from);
  return nodes.map(node => {
    const [comes = [], goes = []] = [into.get(node.id), outOf.get(node.id)];
    const counted = comes.some(({ flow }) => flow !== undefined) ? comes : goes;
    const errors = [...comes, ...goes].flatMap(({ flow }) => flow?.errorsPerSecond ?? []);
    const { lag, behind } = node.counts ?? {};
    const lags = comes.flatMap(edge => edge.lag ?? []);
    return {
      node,
      rate: sumOf(counted.flatMap(({ flow }) => flow?.perSecond ?? [])),
      errors: sumOf(errors),
      waits: lag ?? behind ?? sumOf(lags),
    };
  });
}

function sumOf(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((sum, each) => sum + each, 0);
}

type Compare = (one: Row, other: Row) => number;

/** Compares by name. Names seldom change, and an order of words takes longer than all the rest. */
function usePlaces({ nodes }: Graph): Compare {
  const places = useMemo(() => {
    const sorted = nodes.toSorted(
      (one, other) => numeric.compare(one.name, other.name) || compareTexts(one.id, other.id),
    );
    return new Map(sorted.map(({ id }, place) => [id, place]));
  }, [nodes.map(({ id }) => id).join('\n')]);
  return (one, other) => (places.get(one.node.id) ?? 0) - (places.get(other.node.id) ?? 0);
}

/** The worst and the most come first. */
function compareBy(one: Row, other: Row, by: Order, byName: Compare): number {
  if (by === 'name') return byName(one, other);
  if (by === 'kind') return compareTexts(underWords(one.node), underWords(other.node));
  if (by === 'state') return RANKS[stateOfNode(one.node).tone] - RANKS[stateOfNode(other.node).tone];
  return (other[by] ?? -1) - (one[by] ?? -1);
}

/** A phone shows no row for it. */
function Nothing() {
  return <span class="faint nothing">–</span>;
}

function columnsOf(by: Order, isDown: boolean): readonly Column<Row>[] {
  const head = (name: Order) => sortHead<Row>(name, TITLES[name], by, isDown);
  return [
    {
      ...head('name'),
      look: 'name',
      cell: ({ node }) => (
        <a data-row href={withQuery({ at: node.id })}>
          {node.name}
        </a>
      ),
    },
    { ...head('kind'), look: 'once', cell: ({ node }) => <span class="muted">{underWords(node)}</span> },
    {
      ...head('state'),
      look: 'once',
      cell: ({ node }) => {
        const { tone, word } = stateOfNode(node);
        return <Badge tone={tone} word={word} />;
      },
    },
    { ...head('rate'), look: 'number', cell: ({ rate }) => rateWords(rate) ?? <Nothing /> },
    {
      ...head('errors'),
      look: 'number',
      cell: ({ errors }) =>
        errors === undefined ? <Nothing /> : <span class={errors > 0 ? 'bad' : ''}>{rateWords(errors)}</span>,
    },
    {
      ...head('waits'),
      look: 'number',
      cell: ({ waits }) => (waits === undefined ? <Nothing /> : numberWords(waits)),
    },
  ];
}
