// Makes the graph of a platform: the resources and what they declare, with what is known of the
// traffic between them.
import { toTimestamp, type World } from '../../core/world.ts';
import { type AnyResource, resourceKey } from '../../resources/resource.ts';
import type { ResourceSummary } from '../api.ts';
import type { ConsumerReport, PipelineReport, ViewReport } from '../event-view.ts';
import { gather } from '../gather.ts';
import type { Gathered } from '../gathered.ts';
import { inPieces } from '../live/in-pieces.ts';
import { summarizeEach } from '../live/resource-summaries.ts';
import type { PlatformView } from '../platform-view.ts';
import { Flows } from './flows.ts';
import type { Graph, GraphEdge, GraphFlow, GraphNode } from './graph-view.ts';
import { type Link, linksOf } from './links.ts';

/** Callers who ask within so long get the same graph. */
const SAME_MS = 1_000;
const NOT_LOADED = 'The resources are not loaded yet: the graph lacks what they declare. Ask again in a moment.';

/**
 * Each call resolves to the whole graph, of all namespaces. One of what is `known` will do, or a
 * newer one: flows are looked at in the order of time.
 */
export function createGraphs(
  view: PlatformView,
  world: Pick<World, 'monotonic' | 'after'>,
): (known?: Gathered) => Promise<Graph> {
  const flows = new Flows();
  let links: { readonly of: readonly AnyResource[]; readonly found: readonly Link[] } | undefined;
  let made: { readonly at: number; readonly graph: Promise<Graph>; isPending: boolean } | undefined;
  let newestAt = Number.NEGATIVE_INFINITY;

  /** The links change with the resources alone. */
  const linksNow = async (resources: readonly AnyResource[]) => {
    if (links?.of === resources) return links.found;
    const found = (await inPieces(world, resources, linksOf)).flat();
    links = { of: resources, found };
    return found;
  };
  const make = async (known: Gathered | undefined): Promise<Graph> => {
    const isLoaded = view.catalog.current !== undefined;
    const gathered = known ?? (await gather(view));
    newestAt = gathered.at;
    const summaries = await inPieces(world, summarizeEach(gathered, view), ({ make }) => make());
    const declared = await linksNow(gathered.resources);
    const builder = new GraphBuilder(gathered, flows);
    for (const summary of summaries) builder.addResource(summary);
    builder.addLinks(declared);
    builder.addListeners(view.requests());
    builder.addStores(view.policies.cache().routes);
    flows.round();
    const graph = builder.graph();
    return isLoaded ? graph : { ...graph, unknown: [NOT_LOADED, ...graph.unknown] };
  };
  return async known => {
    const now = world.monotonic();
    const isOld = known === undefined ? now - (made?.at ?? 0) >= SAME_MS : known.at > newestAt;
    // One that takes long is for all who ask meanwhile.
    if (made === undefined || (!made.isPending && isOld)) {
      made = { at: now, graph: make(known), isPending: true };
    }
    const mine = made;
    try {
      return await mine.graph;
    } catch (error) {
      if (made === mine) made = undefined;
      throw error;
    } finally {
      mine.isPending = false;
    }
  };
}

class GraphBuilder {
  readonly #gathered: Gathered;
  readonly #flows: Flows;
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();
  readonly #consumers: ReadonlyMap<string, readonly ConsumerReport[]>;
  readonly #views: ReadonlyMap<string, ViewReport>;
  readonly #pipelines: ReadonlyMap<string, PipelineReport>;
  readonly #counts: ReadonlyMap<string, Readonly<Record<string, number>>>;

  constructor(gathered: Gathered, flows: Flows) {
    this.#gathered = gathered;
    this.#flows = flows;
    this.#consumers = Map.groupBy(gathered.consumers ?? [], ({ kind, namespace, name }) =>
      resourceKey(kind, namespace, kind === 'FanOut' ? (name.split('/', 1)[0] ?? name) : name),
    );
    this.#views = byKey('View', gathered.views);
    this.#pipelines = byKey('Pipeline', gathered.pipelines);
    this.#counts = countsOf(gathered);
  }

  addResource({ kind, namespace, name, conditions }: ResourceSummary): void {
    const id = resourceKey(kind, namespace, name);
    const statusOf = (type: string) => conditions.find(each => each.type === type)?.status;
    const [ready, healthy] = [statusOf('Ready'), statusOf('Healthy')];
    const reason = (conditions.find(({ status }) => status !== 'True') ?? conditions.at(-1))?.reason;
    const counts = { ...this.#counts.get(id), ...consumerCounts(this.#consumers.get(id)) };
    this.#nodes.set(id, {
      ...{ id, kind, namespace, name },
      ...(ready && { ready }),
      ...(healthy && { healthy }),
      ...(reason !== undefined && { reason }),
      ...(Object.keys(counts).length > 0 && { counts }),
    });
  }

  addLinks(links: readonly Link[]): void {
    // A name that nothing has is a problem of the resource, and no node.
    const known = links.filter(({ from, to }) => this.#known(from) && this.#known(to));
    const sources = Map.groupBy(known.filter(isFromTopic), ({ to }) => to);
    for (const link of known) {
      const { from, to, how, count } = link;
      const key = `${from} ${to} ${how}`;
      const isCounted = how !== 'read-by' || (isFromTopic(link) && sources.get(to)?.length === 1);
      this.#edges.set(key, { from, to, how, count, ...(isCounted && this.#flowOf(key, from, to, how)) });
    }
  }

  addListeners(requests: ReturnType<PlatformView['requests']>): void {
    const routes = this.#gathered.routes.flatMap(({ listeners, kind, namespace, name }) =>
      listeners.map(listener => `${listener} ${resourceKey(kind, namespace, name)}`),
    );
    const counted = new Map(
      requests.map(one => [`${one.listener} ${resourceKey(one.kind, one.namespace, one.name)}`, one]),
    );
    for (const [key, { length: count }] of Map.groupBy(routes, each => each)) {
      const [listener = '', to = ''] = key.split(' ');
      if (!this.#nodes.has(to)) continue;
      const from = this.#outside('Listener', listener);
      const { requests: total, errors } = counted.get(key) ?? { requests: 0, errors: 0 };
      const flow = this.#observe(`${from} ${to}`, total, errors, 'process');
      this.#edges.set(`${from} ${to} serves`, { from, to, how: 'serves', count, flow });
    }
  }

  addStores(caches: ReturnType<PlatformView['policies']['cache']>['routes']): void {
    for (const each of caches) {
      const from = resourceKey(each.kind, each.namespace, each.name);
      const { hits, stale, staleOnError, misses, collapsed } = each;
      const total = hits + stale + staleOnError + misses + collapsed;
      this.#addStore(from, 'Cache', each.namespace, each.name, { hits, misses }, total);
    }
    for (const { namespace, name, archives } of this.#gathered.pipelines ?? []) {
      const from = resourceKey('Pipeline', namespace, name);
      for (const { table, gathered, behind } of archives)
        this.#addStore(from, 'Archive', namespace, table, {}, gathered, behind);
    }
  }

  graph(): Graph {
    const { at, topics, consumers, views, pipelines, fanOuts } = this.#gathered;
    const asked = { Topics: topics, consumers, Views: views, Pipelines: pipelines, FanOuts: fanOuts };
    const away = Object.entries(asked).flatMap(([what, answer]) => (answer === undefined ? [what] : []));
    return {
      at: toTimestamp(at),
      nodes: [...this.#nodes.values()],
      edges: [...this.#edges.values()],
      unknown: away.map(what => `The event log or the store does not answer: no numbers of ${what} are known.`),
    };
  }

  #addStore(
    from: string,
    kind: string,
    namespace: string,
    name: string,
    counts: Readonly<Record<string, number>>,
    total: number,
    lag?: number,
  ): void {
    if (!this.#nodes.has(from)) return;
    const to = resourceKey(kind, namespace, name);
    const before = this.#nodes.get(to)?.counts ?? {};
    const sum = Object.fromEntries(Object.entries(counts).map(([word, count]) => [word, count + (before[word] ?? 0)]));
    this.#nodes.set(to, { id: to, kind, namespace, name, ...(Object.keys(sum).length > 0 && { counts: sum }) });
    const key = `${from} ${to} stores`;
    const known = this.#edges.get(key);
    const covers = kind === 'Archive' ? 'platform' : 'process';
    const flow = this.#observe(key, total + (known?.flow?.total ?? 0), 0, covers);
    const edge = { from, to, how: 'stores' as const, count: (known?.count ?? 0) + 1, flow };
    this.#edges.set(key, lag === undefined ? edge : { ...edge, lag });
  }

  #known(id: string): boolean {
    if (id.startsWith('Url//')) this.#outside('Url', id.slice('Url//'.length));
    return this.#nodes.has(id);
  }

  #outside(kind: 'Url' | 'Listener', name: string): string {
    const id = `${kind}//${name}`;
    this.#nodes.set(id, { id, kind, name });
    return id;
  }

  #observe(key: string, total: number, errors: number, covers: GraphFlow['covers']): GraphFlow {
    return this.#flows.observe(key, { at: this.#gathered.at, total, errors }, covers);
  }

  /** The traffic along an edge that a resource declares; nothing where nobody counts it. */
  #flowOf(key: string, from: string, to: string, how: Link['how']): Pick<GraphEdge, 'flow' | 'lag'> {
    const flow = (total: number, errors: number, covers: GraphFlow['covers'], lag: number | undefined) => ({
      flow: this.#observe(key, total, errors, covers),
      ...(lag === undefined ? {} : { lag }),
    });
    if (how === 'read-by') {
      const [reader] = this.#consumers.get(to) ?? [];
      if (to.startsWith('Subscription/') && reader) return flow(reader.delivered, 0, 'platform', reader.lag);
      const view = this.#views.get(to);
      if (view) return flow(view.folded, view.refused, 'platform', view.behind);
      const line = this.#pipelines.get(to);
      return line ? flow(line.handled, line.refused, 'platform', line.lag) : {};
    }
    const callers = (this.#consumers.get(from) ?? []).filter(({ target }) => isTarget(target, to));
    if (callers.length === 0) return {};
    const lag = from.startsWith('Queue/') ? callers[0]?.lag : undefined;
    return flow(sum(callers, 'attempts'), sum(callers, 'failures'), 'platform', lag);
  }
}

/** A reader counts what it reads of all its Topics together, and no rows of Views. */
function isFromTopic({ from, how }: Link): boolean {
  return how === 'read-by' && from.startsWith('Topic/');
}

/**
 * `target`: for people, such as `function menu`, `url wall.example` or `url
 * https://wall.example/hook`.
 */
function isTarget(target: string, id: string): boolean {
  const [kind = '', name = '', ...more] = target.split(' ');
  // The counts are of all targets of a list together.
  if (more.length > 0) return false;
  if (kind === 'url') {
    const hostOf = (text: string) => (URL.canParse(text) ? new URL(text).host : text);
    return id.startsWith('Url//') && hostOf(id.slice('Url//'.length)) === hostOf(name);
  }
  const [of = '', , named] = id.split('/');
  return named === name && of.toLowerCase() === kind.toLowerCase().replace('-', '');
}

function byKey<T extends { readonly namespace: string; readonly name: string }>(
  kind: string,
  list: readonly T[] = [],
): ReadonlyMap<string, T> {
  return new Map(list.map(each => [resourceKey(kind, each.namespace, each.name), each]));
}

function sum(reports: readonly ConsumerReport[], of: 'attempts' | 'failures'): number {
  return reports.reduce((total, report) => total + report[of], 0);
}

function consumerCounts(reports: readonly ConsumerReport[] | undefined): Readonly<Record<string, number>> {
  if (reports === undefined) return {};
  const total = (of: 'inFlight' | 'parkedKeys' | 'deadLetters') => reports.reduce((all, each) => all + each[of], 0);
  const lags = reports.flatMap(({ lag }) => lag ?? []);
  return {
    ...(lags.length === 0 ? {} : { lag: lags.reduce((all, lag) => all + lag, 0) }),
    ...{ inFlight: total('inFlight'), parkedKeys: total('parkedKeys'), deadLetters: total('deadLetters') },
  };
}

function countsOf({ topics = [], functions, calls, views = [], pipelines = [], fanOuts = [] }: Gathered) {
  const found = new Map<string, Readonly<Record<string, number>>>();
  const put = (kind: string, { namespace, name }: { namespace: string; name: string }, counts: object) => {
    const key = resourceKey(kind, namespace, name);
    const numbers = Object.entries(counts).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
    found.set(key, { ...found.get(key), ...Object.fromEntries(numbers) });
  };
  for (const each of topics) put('Topic', each, { events: each.events, appended: each.appended });
  for (const each of functions)
    put('Function', each, { instances: each.instances, inFlight: each.inFlight, waiting: each.waiting });
  for (const each of calls) put('Function', each, { recentCalls: each.calls, recentFailed: each.failed });
  for (const each of views) put('View', each, { behind: each.behind, deadLetters: each.deadLetters });
  for (const each of pipelines)
    put('Pipeline', each, { lag: each.lag, parkedEvents: each.parkedEvents, deadLetters: each.deadLetters });
  for (const each of fanOuts) put('FanOut', each, { behind: each.behind });
  return found;
}
