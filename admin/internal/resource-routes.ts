// The endpoints of resources: what runs, how it does, and what is wrong with it.
import { TenfoldError } from '../../core/errors.ts';
import { type OpenApiDocument, toOpenApi } from '../../gateway/openapi/document.ts';
import { shownCondition } from '../../resources/shown-condition.ts';
import type { BriefResource, FunctionDetail, List, PlatformInfo, ResourceDetail, ResourceSummary } from '../api.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import type { Diagnosis } from '../diagnosis/finding.ts';
import { gather } from '../gather.ts';
import type { Gathered } from '../gathered.ts';
import { readKind } from '../kind-names.ts';
import { fromLook } from '../live/from-look.ts';
import { isAging } from '../live/inputs.ts';
import { summariesOf, summaryOf, summaryOfNotInForce } from '../live/resource-summaries.ts';
import type { Made } from '../live/shared-answers.ts';
import type { PlatformView } from '../platform-view.ts';
import { problemsOf } from '../resource-state.ts';
import { type AdminRoute, type Given, route } from '../routing/route.ts';
import { writtenRequest } from './written-request.ts';

export const resourceRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/info',
    does: 'Shows version, addresses, readiness, and numbers of resources.',
    needs: 'view',
    where: 'each',
    answer: ({ view }) => info(view),
  }),
  route({
    method: 'GET',
    path: '/resources',
    does: 'Lists resources with their conditions; `brief=true` says the one of each that tells how it does.',
    needs: 'view',
    where: 'query',
    query: ['kind', 'namespace', 'name', 'brief'],
    answer: call => fromLook(call, gathered => resources(call, call.query, gathered)),
  }),
  route({
    method: 'GET',
    path: '/resources/:kind/:namespace/:name',
    does: 'Shows one of them, with its manifest as written, its source line, and its problems.',
    needs: 'view',
    where: 'path',
    answer: ({ view, whole, params }) => resource(view, whole, params),
  }),
  route({
    method: 'GET',
    path: '/problems',
    does: 'Lists problems in the newest state of the resources.',
    needs: 'view',
    where: 'each',
    answer: ({ view }) => list(view.catalog.problems),
  }),
  route({
    method: 'GET',
    path: '/diagnosis',
    does: 'Says what is wrong, with cause, age and next command, and what could not be asked.',
    needs: 'view',
    where: 'query',
    query: ['namespace'],
    answer: call => fromLook(call, gathered => diagnosis(call, call.query, gathered)),
  }),
  route({
    method: 'GET',
    path: '/functions',
    does: 'Lists Functions: state, instances, requests in flight and waiting, restarts.',
    needs: 'view',
    where: 'query',
    query: ['namespace', 'name'],
    answer: ({ view, query }) => list(functions(view, query)),
  }),
  route({
    method: 'GET',
    path: '/functions/:namespace/:name',
    does: 'Shows one of them, with the routes that lead to it.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params }) => functionDetail(view, params),
  }),
  route({
    method: 'GET',
    path: '/apis/:namespace/:name/openapi.json',
    does: 'Shows the OpenAPI document of an Api, whether it is served to clients or not.',
    needs: 'view',
    where: 'path',
    answer: ({ view, params }) => openApi(view, params),
  }),
  route({
    method: 'POST',
    path: '/apis/:namespace/:name/request',
    does: 'Sends a request to an Api through its listener, as a client would, and shows the answer.',
    needs: 'operate',
    where: 'path',
    body: { schema: writtenRequest, limit: '4mb' },
    answer: ({ view, params: { namespace, name }, body, signal }) =>
      view.asks.request({ namespace, name, ...body }, signal),
  }),
];

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function list<T>(items: readonly T[]): List<T> {
  return { items };
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

/** Its problems are those that the caller may see; the rest of it is of all namespaces. */
async function gatherFor(view: PlatformView, whole: PlatformView, known?: Gathered): Promise<Gathered> {
  return { ...(known ?? (await gather(whole))), problems: view.catalog.problems };
}

async function resources(
  { view, whole, scope }: Given,
  query: Partial<Named & { kind: string; brief: string }>,
  known: Gathered | undefined,
): Promise<Made<List<ResourceSummary | BriefResource>>> {
  const kind = query.kind === undefined ? undefined : readKind(query.kind);
  const isBrief = readBrief(query.brief);
  const gathered = await gatherFor(view, whole, known);
  const matches = (found: Named & { readonly kind: string }) =>
    scope.has(found.namespace) &&
    (kind === undefined || found.kind === kind) &&
    (query.namespace === undefined || found.namespace === query.namespace) &&
    (query.name === undefined || found.name === query.name);
  const found = summariesOf(gathered, whole).filter(matches);
  return { answer: list(isBrief ? found.map(toBrief) : found), lasts: !isAging(gathered) };
}

function readBrief(text: string | undefined): boolean {
  if (text === undefined || text === 'true' || text === 'false') return text === 'true';
  throw new TenfoldError('bad-request', '"brief" must be true or false.');
}

function toBrief({ origin: _origin, conditions, ...rest }: ResourceSummary): BriefResource {
  const shown = shownCondition(conditions);
  return { ...rest, conditions: shown === undefined ? [] : [shown] };
}

async function resource(
  view: PlatformView,
  whole: PlatformView,
  params: Named & { kind: string },
): Promise<ResourceDetail> {
  const kind = readKind(params.kind);
  const gathered = await gatherFor(view, whole);
  const found = gathered.resources.find(
    each => each.kind === kind && each.metadata.namespace === params.namespace && each.metadata.name === params.name,
  );
  if (!found) {
    const { namespace, name } = params;
    const other = whole
      .notInForce?.()
      .find(each => each.kind === kind && each.namespace === namespace && each.name === name);
    if (!other) throw new TenfoldError('not-found', `There is no ${kind} "${name}" in namespace "${namespace}".`);
    const problems = gathered.problems.filter(({ file }) => file === other.origin.file);
    return { ...summaryOfNotInForce(other, gathered, whole), manifest: other.manifest, problems };
  }
  return { ...summaryOf(found, gathered), manifest: found.manifest, problems: problemsOf(found, gathered) };
}

async function diagnosis(
  { view, whole, scope }: Given,
  { namespace }: Partial<Named>,
  known: Gathered | undefined,
): Promise<Made<Diagnosis>> {
  const about = {
    readiness: whole.readiness(),
    notInForce: whole.notInForce?.() ?? [],
    statusOf: whole.statusOf,
    callerTroubles: whole.callerTroubles(),
  };
  const gathered = await gatherFor(view, whole, known);
  const isThere = [...gathered.resources.map(({ metadata }) => metadata), ...about.notInForce].some(
    one => one.namespace === namespace,
  );
  // A misspelled one must not look well for ever.
  if (namespace !== undefined && !isThere) {
    throw new TenfoldError('not-found', `There are no resources in namespace "${namespace}".`);
  }
  return { answer: diagnose(gathered, about, namespace, scope), lasts: !isAging(gathered) };
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
  const ended = view.calls().find(each => each.namespace === params.namespace && each.name === params.name)?.ended;
  return { ...status, ...(declared ? { origin: declared.origin } : {}), routes, ...(ended && { ended }) };
}

function openApi(view: PlatformView, { namespace, name }: Named): OpenApiDocument {
  const api = view.catalog.current?.resources.get('Api', namespace, name);
  if (!api) throw new TenfoldError('not-found', `There is no Api "${name}" in namespace "${namespace}".`);
  return toOpenApi(api);
}
