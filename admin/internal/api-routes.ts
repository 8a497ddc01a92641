// The endpoints below /api: declared resources, their state, and problems.
import { Router } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import { type OpenApiDocument, toOpenApi } from '../../gateway/openapi/document.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import type { AnyResource } from '../../resources/resource.ts';
import type { FunctionDetail, List, PlatformInfo, ResourceDetail, ResourceSummary } from '../api.ts';
import { resolveKind } from '../kind-names.ts';
import type { NotInForce, PlatformView } from '../platform-view.ts';
import { conditionsOf, conditionsOfNotInForce, type Gathered, problemsOf } from '../resource-state.ts';
import { backupRoutes } from './backup-routes.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { fanOutRoutes } from './fan-out-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { objectRoutes } from './object-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { onlyGet } from './problems.ts';
import { readQuery } from './query.ts';
import { routeRoutes } from './route-routes.ts';
import { sqlRoutes } from './sql-routes.ts';
import { stranglerRoutes } from './strangler-routes.ts';
import { viewRoutes } from './view-routes.ts';

export function createApi(view: PlatformView): Router {
  const router = Router({ caseSensitive: true });

  get('/info', () => info(view));
  get('/resources', query => resources(view, query), ['kind', 'namespace', 'name']);
  get('/problems', () => list(view.catalog.problems));
  get('/functions', query => list(functions(view, query)), ['namespace', 'name']);
  router
    .route('/resources/:kind/:namespace/:name')
    .get(async (request, response) => {
      readQuery(request.query, []);
      response.json(await resource(view, request.params));
    })
    .all(onlyGet);
  router
    .route('/functions/:namespace/:name')
    .get((request, response) => {
      readQuery(request.query, []);
      response.json(functionDetail(view, request.params));
    })
    .all(onlyGet);
  router
    .route('/apis/:namespace/:name/openapi.json')
    .get((request, response) => {
      readQuery(request.query, []);
      response.json(openApi(view, request.params));
    })
    .all(onlyGet);
  router.use(routeRoutes(view));
  router.use(stranglerRoutes(view));
  router.use(policyRoutes(view));
  router.use(eventRoutes(view));
  router.use(deadLetterRoutes(view));
  router.use(jobRoutes(view));
  router.use(viewRoutes(view));
  router.use(fanOutRoutes(view));
  router.use(sqlRoutes(view));
  router.use(objectRoutes(view));
  router.use(backupRoutes(view));
  return router;

  function get<const N extends string>(
    path: string,
    answer: (query: Partial<Record<N, string>>) => unknown,
    parameters: readonly N[] = [],
  ): void {
    router
      .route(path)
      .get(async (request, response) => void response.json(await answer(readQuery(request.query, parameters))))
      .all(onlyGet);
  }
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function list<T>(items: readonly T[]): List<T> {
  return { items };
}

async function gather(view: PlatformView): Promise<Gathered> {
  // A log that is away must not keep the rest of the answer away.
  const known = <T>(list: Promise<readonly T[]>) => list.catch(() => undefined);
  const { events } = view;
  const [topics, consumers, views, pipelines, fanOuts, damaged] = await Promise.all([
    known(events.topics()),
    known(events.consumers()),
    known(events.views()),
    known(events.pipelines()),
    known(events.fanOuts.reports()),
    known(view.objects.report().then(report => report.damaged)),
  ]);
  return {
    topics,
    consumers,
    views,
    pipelines,
    fanOuts,
    damaged,
    disk: view.disk(),
    ...(view.statusOf && {
      statusOf: ({ kind, metadata }) => view.statusOf?.(kind, metadata.namespace, metadata.name),
    }),
    resources: view.catalog.current?.resources.all ?? [],
    problems: view.catalog.problems,
    functions: view.functions(),
    routes: view.routes(),
    stranglers: view.stranglers.list(),
  };
}

function info(view: PlatformView): PlatformInfo {
  const { current, problems } = view.catalog;
  const errors = problems.filter(found => found.severity === 'error').length;
  return {
    version: view.version,
    startedAt: new Date(view.startedAt).toISOString(),
    addresses: view.addresses(),
    readiness: view.readiness(),
    ...(current ? { generation: current.generation } : {}),
    counts: {
      resources: current?.resources.all.length ?? 0,
      functions: view.functions().length,
      routes: view.routes().length,
    },
    problems: { errors, warnings: problems.length - errors },
  };
}

async function resources(view: PlatformView, query: Partial<Named & { kind: string }>): Promise<List<ResourceSummary>> {
  const kind = query.kind === undefined ? undefined : kindOf(query.kind);
  const gathered = await gather(view);
  const matches = (found: Named & { readonly kind: string }) =>
    (kind === undefined || found.kind === kind) &&
    (query.namespace === undefined || found.namespace === query.namespace) &&
    (query.name === undefined || found.name === query.name);
  const inForce = gathered.resources.map(found => summary(found, gathered));
  const others = (view.notInForce?.() ?? []).map(found => summaryOfNotInForce(found, gathered, view));
  return list([...inForce, ...others].filter(matches));
}

async function resource(view: PlatformView, params: Named & { kind: string }): Promise<ResourceDetail> {
  const kind = kindOf(params.kind);
  const gathered = await gather(view);
  const found = gathered.resources.find(
    each => each.kind === kind && each.metadata.namespace === params.namespace && each.metadata.name === params.name,
  );
  if (!found) {
    const { namespace, name } = params;
    const other = view
      .notInForce?.()
      .find(each => each.kind === kind && each.namespace === namespace && each.name === name);
    if (!other) throw new TenfoldError('not-found', `There is no ${kind} "${name}" in namespace "${namespace}".`);
    const problems = gathered.problems.filter(({ file }) => file === other.origin.file);
    return { ...summaryOfNotInForce(other, gathered, view), manifest: other.manifest, problems };
  }
  return { ...summary(found, gathered), manifest: found.manifest, problems: problemsOf(found, gathered) };
}

function summary(found: AnyResource, gathered: Gathered): ResourceSummary {
  return {
    kind: found.kind,
    namespace: found.metadata.namespace,
    name: found.metadata.name,
    origin: found.origin,
    conditions: conditionsOf(found, gathered),
  };
}

function summaryOfNotInForce(found: NotInForce, gathered: Gathered, view: PlatformView): ResourceSummary {
  const { kind, namespace, name, origin } = found;
  const told = view.statusOf?.(kind, namespace, name);
  return { kind, namespace, name, origin, conditions: conditionsOfNotInForce(found, gathered, told) };
}

function functions(view: PlatformView, query: Partial<Named>) {
  return view
    .functions()
    .filter(
      status =>
        (query.namespace === undefined || status.namespace === query.namespace) &&
        (query.name === undefined || status.name === query.name),
    );
}

function functionDetail(view: PlatformView, params: Named): FunctionDetail {
  const status = functions(view, params)[0];
  if (!status) {
    throw new TenfoldError(
      'unknown-function',
      `There is no function "${params.name}" in namespace "${params.namespace}".`,
    );
  }
  const declared = view.catalog.current?.resources.get('Function', params.namespace, params.name);
  const routes = view
    .routes()
    .filter(route => route.namespace === params.namespace && route.target === `function ${params.name}`);
  return { ...status, ...(declared ? { origin: declared.origin } : {}), routes };
}

function openApi(view: PlatformView, { namespace, name }: Named): OpenApiDocument {
  const api = view.catalog.current?.resources.get('Api', namespace, name);
  if (!api) throw new TenfoldError('not-found', `There is no Api "${name}" in namespace "${namespace}".`);
  return toOpenApi(api);
}

function kindOf(text: string): Kind {
  const kind = resolveKind(text);
  if (kind.found) return kind.found;
  const rest = kind.suggestion ? ` Did you mean "${kind.suggestion}"?` : '';
  throw new TenfoldError('bad-request', `There is no kind of resource called "${text.slice(0, 40)}".${rest}`);
}
