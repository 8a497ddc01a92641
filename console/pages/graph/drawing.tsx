// Draws a graph: boxes that are links, and lines between them with what goes along. Arrow keys go
// from box to box.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Graph, GraphEdge, GraphNode } from '../../../admin/graph/graph-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { Shape } from '../../parts/badge.tsx';
import { withQuery } from '../../shell/router.ts';
import { labelOfEdge, linkInto, mainCountOf, stateOfNode, toneOfEdge, underWords } from './graph-words.ts';
import { BOX, keyOfEdge, type Layout, layOut, nearest, type Point } from './layout.ts';

const NARROW = '(width <= 46rem)';
/** Text in a smaller drawing cannot be read. */
const LEAST_SCALE = 0.75;
const MOST_SCALE = 1.6;
const STEP = 1.2;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export interface GraphDrawingProps {
  readonly graph: Graph;
  /** The id of a node. */
  readonly chosen: string | undefined;
  readonly isMeant: (node: GraphNode) => boolean;
}

export function GraphDrawing({ graph, chosen, isMeant }: GraphDrawingProps) {
  const { nodes, edges } = graph;
  const direction = useMatch(NARROW) ? 'down' : 'right';
  const key = JSON.stringify([direction, nodes.map(({ id }) => id), edges.map(keyOfEdge)]);
  const layout = useMemo(
    () =>
      layOut(
        nodes.map(({ id }) => id),
        edges,
        direction,
      ),
    [key],
  );
  const frame = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const fit = Math.min(1, Math.max(LEAST_SCALE, useWidth(frame) / layout.width));
  const scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, fit * zoom));
  const at = chosen === undefined ? undefined : layout.boxes.get(chosen);
  useEffect(() => {
    const { current } = frame;
    if (current === null || at === undefined) return;
    current.scrollTo(at.x * scale - current.clientWidth / 2, at.y * scale - current.clientHeight / 2);
  }, [at, scale]);
  const nextTo = new Set(edges.flatMap(({ from, to }) => (from === chosen || to === chosen ? [from, to] : [])));
  return (
    <section class="drawing" aria-label={`Graph of ${counted(nodes.length, 'node')}`}>
      <div class="drawing-frame" ref={frame}>
        <div style={{ width: `${layout.width * scale}px`, height: `${layout.height * scale}px` }}>
          <div
            class="drawing-paper"
            style={{ width: `${layout.width}px`, height: `${layout.height}px`, transform: `scale(${scale})` }}
          >
            <Lines edges={edges} layout={layout} chosen={chosen} />
            <Boxes nodes={nodes} layout={layout} chosen={chosen} nextTo={nextTo} isMeant={isMeant} />
          </div>
        </div>
      </div>
      <footer class="drawing-foot">
        <p class="muted">Lines show what goes along, waits or fails.</p>
        <Zoom scale={scale} set={factor => setZoom(factor === undefined ? 1 : (scale / fit) * factor)} />
      </footer>
    </section>
  );
}

function Zoom({ scale, set }: { readonly scale: number; readonly set: (factor: number | undefined) => void }) {
  const button = (label: string, word: string, factor: number | undefined, isOff: boolean) => (
    <button type="button" class="button small" aria-label={label} disabled={isOff} onClick={() => set(factor)}>
      {word}
    </button>
  );
  return (
    <div class="drawing-zoom">
      {button('Smaller', '−', 1 / STEP, scale <= LEAST_SCALE)}
      {button('Larger', '+', STEP, scale >= MOST_SCALE)}
      {button('Fit into the window', 'Fit', undefined, false)}
    </div>
  );
}

function Lines(props: {
  readonly edges: readonly GraphEdge[];
  readonly layout: Layout;
  readonly chosen: string | undefined;
}) {
  const { edges, layout, chosen } = props;
  const isFaint = ({ from, to }: GraphEdge) => chosen !== undefined && from !== chosen && to !== chosen;
  return (
    <>
      <svg class="lines" width={layout.width} height={layout.height} aria-hidden="true">
        <defs>
          {(['quiet', 'warn', 'bad'] as const).map(tone => (
            <marker
              key={tone}
              id={`end-${tone}`}
              class={tone}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerUnits="userSpaceOnUse"
              markerWidth="9"
              markerHeight="9"
              orient="auto"
            >
              <path d="M1 1 7 4 1 7z" fill="currentcolor" />
            </marker>
          ))}
        </defs>
        {edges.map(edge => {
          const tone = toneOfEdge(edge);
          return (
            <path
              key={keyOfEdge(edge)}
              class={`line ${tone}${isFaint(edge) ? ' faint' : ''}`}
              d={layout.lines.get(keyOfEdge(edge))?.path ?? ''}
              stroke-width={1.25 + Math.min(3, Math.log10(1 + (edge.flow?.perSecond ?? 0)))}
              marker-end={`url(#end-${tone})`}
            />
          );
        })}
      </svg>
      {edges.map(edge => {
        const label = labelOfEdge(edge);
        const { x = 0, y = 0 } = layout.lines.get(keyOfEdge(edge))?.label ?? {};
        if (label === '' || isFaint(edge)) return null;
        return (
          <span
            key={keyOfEdge(edge)}
            class={`line-label ${toneOfEdge(edge)}`}
            aria-hidden="true"
            style={{ left: `${x}px`, top: `${y}px` }}
          >
            {label}
          </span>
        );
      })}
    </>
  );
}

function Boxes(props: {
  readonly nodes: readonly GraphNode[];
  readonly layout: Layout;
  readonly chosen: string | undefined;
  readonly nextTo: ReadonlySet<string>;
  readonly isMeant: (node: GraphNode) => boolean;
}) {
  const { nodes, layout, chosen, nextTo, isMeant } = props;
  // One box is a stop of the Tab key; arrows lead to the others.
  const [stop, setStop] = useState<string | undefined>(undefined);
  const stopId = nodes.some(({ id }) => id === stop) ? stop : (chosen ?? nodes[0]?.id);
  const go = (event: KeyboardEvent) => {
    const way = ARROWS[event.key];
    const from = event.target instanceof HTMLElement ? event.target.dataset['node'] : undefined;
    if (way === undefined || from === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const next = nearest(layout.boxes, from, way);
    if (next === undefined) return;
    const box = document.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`);
    box?.focus();
    box?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  return (
    <ul class="boxes" onKeyDown={go}>
      {nodes.map(node => (
        <li key={node.id}>
          <BoxOf
            node={node}
            at={layout.boxes.get(node.id) ?? { x: 0, y: 0 }}
            look={[
              node.id === chosen ? 'chosen' : nextTo.has(node.id) ? 'next' : '',
              isMeant(node) ? '' : 'off',
              node.nodes === undefined ? '' : 'group',
            ].join(' ')}
            isStop={node.id === stopId}
            isChosen={node.id === chosen}
            focused={() => setStop(node.id)}
          />
        </li>
      ))}
    </ul>
  );
}

function BoxOf(props: {
  readonly node: GraphNode;
  readonly at: Point;
  readonly look: string;
  readonly isStop: boolean;
  readonly isChosen: boolean;
  readonly focused: () => void;
}) {
  const { node, at, look, isStop, isChosen, focused } = props;
  const { tone, word } = stateOfNode(node);
  const count = mainCountOf(node);
  const isOutside = word === 'outside';
  return (
    <a
      class={`box ${tone} ${look}`}
      href={hrefOf(node, isChosen)}
      data-node={node.id}
      tabIndex={isStop ? 0 : -1}
      aria-current={isChosen ? 'true' : undefined}
      title={`${node.kind} ${node.name}: ${word}`}
      style={{ left: `${at.x - BOX.width / 2}px`, top: `${at.y - BOX.height / 2}px` }}
      onFocus={focused}
    >
      <span class="box-name">
        {isOutside ? null : <Shape tone={tone} />}
        <span>{node.name}</span>
        <span class="unseen">, {word},</span>
      </span>
      <span class="box-kind">{node.nodes === undefined ? node.kind : underWords(node)}</span>
      {count === undefined ? null : <span class={`box-count${count.isUrgent ? ' urgent' : ''}`}>{count.inBox}</span>}
    </a>
  );
}

/** A group opens into what is in it. */
function hrefOf(node: GraphNode, isChosen: boolean): string {
  return node.nodes === undefined ? withQuery({ at: isChosen ? undefined : node.id }) : linkInto(node);
}

function useMatch(media: string): boolean {
  const [isMatching, setMatching] = useState(() => matchMedia(media).matches);
  useEffect(() => {
    const list = matchMedia(media);
    const hear = () => setMatching(list.matches);
    list.addEventListener('change', hear);
    return () => list.removeEventListener('change', hear);
  }, [media]);
  return isMatching;
}

function useWidth(of: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(1_000);
  useEffect(() => {
    const { current } = of;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return width;
}
