// Asks the admin API.
import type {
  FailedLine,
  FunctionDetail,
  List,
  PlatformInfo,
  ResourceDetail,
  ResourceSummary,
} from '../../admin/api.ts';
import type { AuditEntry } from '../../admin/audit-view.ts';
import type { BackupLine, BackupRequest } from '../../admin/backup-view.ts';
import type { Diagnosis } from '../../admin/diagnosis/finding.ts';
import type { ExplainRequest, RouteExplanation } from '../../admin/explain-view.ts';
import type { Graph } from '../../admin/graph/graph-view.ts';
import type { ObjectCheck, ObjectRepair } from '../../admin/object-view.ts';
import type { Page } from '../../admin/page.ts';
import type { AggregateRequests } from '../../admin/platform-view.ts';
import type { CacheReport, PurgeReport } from '../../admin/policy-view.ts';
import type { RouteView } from '../../admin/route-view.ts';
import type { SqlAnswer, SqlQuestion, SqlTableReport } from '../../admin/sql-view.ts';
import type { ServerEvent } from '../../core/http/server-events.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { Phase } from '../../gateway/strangler/phase/phase-state.ts';
import type { FeatureReport, StranglerReport } from '../../gateway/strangler/report.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { type AdminTarget, createAdminCaller, type Query } from './admin-call.ts';
import { createEventClient, type EventClient } from './event-client.ts';
import { createOperationClient, type OperationClient } from './operation-client.ts';
import { createScheduleClient, type ScheduleClient } from './schedule-client.ts';

const TIMEOUT_MS = 10_000;

export interface AdminClient extends EventClient, OperationClient, ScheduleClient {
  info(): Promise<PlatformInfo>;
  resources(query: Query): Promise<List<ResourceSummary>>;
  resource(kind: string, namespace: string, name: string): Promise<ResourceDetail>;
  functions(query: Query): Promise<List<FunctionStatus>>;
  function(namespace: string, name: string): Promise<FunctionDetail>;
  routes(): Promise<List<RouteView>>;
  explain(request: ExplainRequest): Promise<RouteExplanation>;
  problems(): Promise<List<ResourceProblem>>;
  diagnosis(query: Query): Promise<Diagnosis>;
  graph(query: Query): Promise<Graph>;
  changes(query: Query, lastId: string | undefined, signal: AbortSignal): AsyncGenerator<ServerEvent>;
  audit(query: Query): Promise<Page<AuditEntry>>;
  cache(): Promise<CacheReport>;
  purgeCache(query: Query): Promise<PurgeReport>;
  sqlTables(query: Query): Promise<List<SqlTableReport>>;
  sql(question: SqlQuestion): AsyncGenerator<SqlAnswer | FailedLine>;
  backup(request: BackupRequest): AsyncGenerator<BackupLine | FailedLine>;
  checkObjects(): AsyncGenerator<ObjectCheck | FailedLine>;
  repairObjects(options: { readonly dryRun: boolean }): AsyncGenerator<ObjectRepair | FailedLine>;
  aggregateRequests(namespace: string, name: string, query: Query): Promise<AggregateRequests>;
  stranglers(query: Query): Promise<List<StranglerReport>>;
  moveFeature(namespace: string, name: string, feature: string, move: MoveRequest): Promise<FeatureReport>;
}

/** `reason` is kept in the report and in the log; `force` is for steps on. */
export type MoveRequest = { readonly reason?: string | undefined; readonly force?: true | undefined } & (
  | { readonly action: 'promote' | 'back-out' }
  | { readonly action: 'phase'; readonly phase: Phase; readonly percent?: number | undefined }
);

export function createAdminClient(target: AdminTarget, timeoutMs = TIMEOUT_MS): AdminClient {
  const path = (...parts: string[]) => parts.map(encodeURIComponent).join('/');
  const caller = createAdminCaller(target, timeoutMs);
  const { call } = caller;
  const get = <T>(where: string, query?: Query) => call<T>('GET', where, query);
  return {
    ...createEventClient(caller),
    ...createOperationClient(caller),
    ...createScheduleClient(caller),
    info: () => get('info'),
    resources: query => get('resources', query),
    resource: (kind, namespace, name) => get(`resources/${path(kind, namespace, name)}`),
    functions: query => get('functions', query),
    function: (namespace, name) => get(`functions/${path(namespace, name)}`),
    routes: () => get('routes'),
    explain: request => call('POST', 'routes/explain', {}, request),
    problems: () => get('problems'),
    diagnosis: query => get('diagnosis', query),
    graph: query => get('graph', query),
    changes: (query, lastId, signal) => caller.events('changes', query, lastId, signal),
    audit: query => get('audit', query),
    cache: () => get('cache'),
    purgeCache: query => call('DELETE', 'cache', query),
    sqlTables: query => get('sql/tables', query),
    sql: question => caller.lines('POST', 'sql', question),
    backup: request => caller.lines('POST', 'backup', request),
    checkObjects: () => caller.lines('POST', 'objects/check', {}),
    repairObjects: options => caller.lines('POST', 'objects/repair', options),
    aggregateRequests: (namespace, name, query) => get(`aggregates/${path(namespace, name)}/requests`, query),
    stranglers: query => get('stranglers', query),
    moveFeature(namespace, name, feature, { action, ...body }) {
      const where = `stranglers/${path(namespace, name)}/features/${path(feature, action)}`;
      return call(action === 'phase' ? 'PUT' : 'POST', where, {}, body);
    },
  };
}
