// A platform as a caller may see it who has no right in some namespaces: nothing of these is in it.
// Each member is written out, so that a new one is shown to nobody by mistake.
import type { Catalog } from '../../resources/catalog/catalog.ts';
import { createResourceSet } from '../../resources/resource-set.ts';
import type { RouteExplanation } from '../explain-view.ts';
import type { NotInForce, PlatformView } from '../platform-view.ts';
import type { PolicyControl } from '../policy-view.ts';
import { fileNamespaces } from './file-namespaces.ts';
import type { Scope } from './scope.ts';
import { scopedEvents } from './scoped-events.ts';
import { refuse, type Sieve, sieveOf } from './sieve.ts';

export function scopedView(view: PlatformView, scope: Scope): PlatformView {
  const sieve = sieveOf(scope);
  const { notInForce } = view;
  return {
    version: view.version,
    startedAt: view.startedAt,
    catalog: scopedCatalog(view, sieve),
    addresses: () => view.addresses(),
    readiness: () => view.readiness(),
    disk: () => view.disk(),
    callerTroubles: () => [],
    functions: () => sieve.keep(view.functions()),
    calls: () => sieve.keep(view.calls()),
    ...(view.statusOf && {
      statusOf: (kind: string, namespace: string, name: string) =>
        scope.has(namespace) ? view.statusOf?.(kind, namespace, name) : undefined,
    }),
    since: (kind, namespace, name) => (scope.has(namespace) ? view.since?.(kind, namespace, name) : undefined),
    ...(notInForce && { notInForce: () => sieve.keep<NotInForce>(view.notInForce?.() ?? []) }),
    routes: () => sieve.keep(view.routes()),
    requests: () => sieve.keep(view.requests()),
    explain: request => scopedExplanation(view.explain(request), sieve),
    aggregates: {
      requests(namespace, name, limit) {
        sieve.check(namespace);
        return view.aggregates.requests(namespace, name, limit);
      },
    },
    stranglers: {
      list: () => sieve.keep(view.stranglers.list()),
      get(namespace, name) {
        sieve.check(namespace);
        return view.stranglers.get(namespace, name);
      },
      async move(namespace, name, feature, move) {
        sieve.check(namespace);
        return view.stranglers.move(namespace, name, feature, move);
      },
    },
    policies: scopedPolicies(view.policies, sieve),
    events: scopedEvents(view.events, sieve),
    sql: {
      tables: async namespace => sieve.keep(await view.sql.tables(namespace)),
      ask(question, signal) {
        sieve.check(question.namespace);
        return view.sql.ask(question, signal);
      },
    },
    asks: {
      async view(request, signal) {
        sieve.check(request.namespace);
        return view.asks.view(request, signal);
      },
      async request(request, signal) {
        sieve.check(request.namespace);
        return view.asks.request(request, signal);
      },
      async invoke(request, signal) {
        sieve.check(request.namespace);
        return view.asks.invoke(request, signal);
      },
      lines(query) {
        sieve.check(query.namespace);
        return view.asks.lines(query);
      },
    },
    objects: {
      async report() {
        const report = await view.objects.report();
        const damaged = report.damaged.filter(({ owner }) => scope.has(owner.namespace));
        return { ...report, damaged, count: damaged.length, unknown: { count: 0, objects: [] } };
      },
      check: refuse,
      repair: refuse,
    },
    backup: { make: refuse },
    audit: {
      begun: entry => view.audit.begun(entry),
      ended: entry => view.audit.ended(entry),
      happened: entry => view.audit.happened(entry),
      list: ({ visible = () => true, ...query }) =>
        view.audit.list({ ...query, visible: namespace => scope.has(namespace) && visible(namespace) }),
    },
    settings: { settings: refuse, process: () => view.settings.process() },
    metrics: refuse,
    openMetrics: refuse,
  };
}

function scopedCatalog(view: PlatformView, { has }: Sieve): Pick<Catalog, 'current' | 'problems'> {
  const { current, problems } = view.catalog;
  const all = current?.resources.all ?? [];
  const namespaces = fileNamespaces(view);
  return {
    current: current && {
      generation: current.generation,
      resources: createResourceSet(all.filter(({ metadata }) => has(metadata.namespace))),
      warnings: [],
    },
    // A problem of a file of which nothing is in force may be anybody's.
    problems: problems.filter(({ file }) => namespaces.has(file) && [...(namespaces.get(file) ?? [])].every(has)),
  };
}

function scopedExplanation({ candidates, ...rest }: RouteExplanation, { has }: Sieve): RouteExplanation {
  const hidden = candidates.filter(({ namespace }) => !has(namespace));
  if (hidden.length === 0) return { ...rest, candidates };
  return {
    ...rest,
    candidates: candidates.filter(({ namespace }) => has(namespace)),
    hidden: { routes: hidden.length, take: hidden.some(({ verdict }) => verdict === 'takes') },
  };
}

function scopedPolicies(policies: PolicyControl, { keep, check }: Sieve): PolicyControl {
  return {
    report() {
      const { breakers, limits, retries } = policies.report();
      return { breakers: keep(breakers), limits: keep(limits), retries: keep(retries) };
    },
    cache() {
      const { answers, bytes, routes } = policies.cache();
      return { answers, bytes, routes: keep(routes) };
    },
    async purge(query) {
      if (query.namespace === undefined) return refuse();
      check(query.namespace);
      return policies.purge(query);
    },
  };
}
