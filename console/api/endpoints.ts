// The endpoints of the admin API that pages ask, with the types of their answers. A test compares
// paths and parameters with the OpenAPI document, so no page can ask for what is not there.
import type { CallerRights } from '../../admin/access/scope.ts';
import type { BriefResource, FailedLine, FunctionDetail, List, PlatformInfo, ResourceDetail } from '../../admin/api.ts';
import type {
  FunctionAnswer,
  FunctionLines,
  FunctionRequest,
  ViewRequest,
  ViewRows,
} from '../../admin/asking/ask-view.ts';
import type { AuditEntry } from '../../admin/audit-view.ts';
import type { TopicEntry } from '../../admin/catalogue/catalogue-view.ts';
import type {
  DeadLetterDetail,
  DeadLetterGroupPage,
  DeadLetterOwner,
  DeadLetterPage,
} from '../../admin/commands/dead-letter-view.ts';
import type { ItemResult, OperationPlan, OperationReport } from '../../admin/commands/operation-view.ts';
import type { ResendPlan, ResendRequest, ResentEvent } from '../../admin/commands/resend-view.ts';
import type { ScheduleAction, ScheduleActionPlan, ScheduleReport } from '../../admin/commands/schedule-view.ts';
import type { Diagnosis } from '../../admin/diagnosis/finding.ts';
import type { ConsumerReport, OpenWindows, PipelineReport, TopicReport, ViewReport } from '../../admin/event-view.ts';
import type { ExplainRequest, RouteExplanation } from '../../admin/explain-view.ts';
import type { FailedItem, FanOutReport, FanOutSummary, ItemMap } from '../../admin/fan-out-view.ts';
import type { Graph } from '../../admin/graph/graph-view.ts';
import type { JobSummary } from '../../admin/job-view.ts';
import type { Page } from '../../admin/page.ts';
import type { ParkedPage } from '../../admin/parked-view.ts';
import type { AggregateRequests } from '../../admin/platform-view.ts';
import type { RouteView } from '../../admin/route-view.ts';
import type { ProcessReport, SettingReport } from '../../admin/settings/settings-view.ts';
import type { SqlAnswer, SqlTableReport } from '../../admin/sql-view.ts';
import type { EventStory, JobStory } from '../../admin/story-view.ts';
import type { FollowQuery, FoundPage, TopicEventPage, TopicLine } from '../../admin/topic-view.ts';
import type { OpenApiDocument } from '../../gateway/openapi/document.ts';
import type { FeatureReport, StandingReport, StranglerReport } from '../../gateway/strangler/report.ts';

type ParamsOf<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamsOf<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

export interface Endpoint<P extends string, Q extends string, B, A> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api`, with parameters as `:name`. */
  readonly path: P;
  readonly query: readonly Q[];
  /** The platform may answer from its newest look, and need not say again what it has said. */
  readonly fromLook?: true;
  /** Only for the compiler. */
  readonly types?: { readonly body: B; readonly answer: A };
}

/** A call of an endpoint needs the parameters of its path, and may say more. */
export interface Input<P extends string, Q extends string, B> {
  readonly params: Readonly<Record<ParamsOf<P>, string>>;
  readonly query?: Partial<Readonly<Record<Q, string | undefined>>>;
  readonly body?: B;
}

function read<A>() {
  return <const P extends string, const Q extends string = never>(
    path: P,
    query: readonly Q[] = [],
  ): Endpoint<P, Q, undefined, A> => ({ method: 'GET', path, query });
}

function readLook<A>() {
  return <const P extends string, const Q extends string = never>(
    path: P,
    query: readonly Q[] = [],
  ): Endpoint<P, Q, undefined, A> => ({ ...read<A>()(path, query), fromLook: true });
}

function post<B, A>() {
  return <const P extends string>(path: P): Endpoint<P, never, B, A> => ({ method: 'POST', path, query: [] });
}

function remove<A>() {
  return <const P extends string>(path: P): Endpoint<P, never, undefined, A> => ({ method: 'DELETE', path, query: [] });
}

export interface SqlBody {
  readonly namespace: string;
  readonly sql: string;
  readonly rows: number;
}

/** The part of a plan's request that pages make. */
export interface PlanBody {
  readonly action: OperationPlan['action'];
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly ids?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly rate?: number;
}

/** The newest events, and then the end. */
interface LastEvents extends Pick<FollowQuery, 'filter' | 'key' | 'dataBytes'> {
  readonly last: number;
  readonly follow: false;
}

type WrittenRequest = Omit<FunctionRequest, 'namespace' | 'name'>;
type ResendBody = Pick<ResendRequest, 'edit' | 'eventId' | 'consumer'>;

/** It names the plan that was shown. */
interface TokenBody {
  readonly token: string;
}

interface PromoteBody {
  readonly reason?: string;
  readonly force?: boolean;
  /** The step that was shown. */
  readonly to: StandingReport;
}

const LETTER_FILTERS = ['key', 'reason', 'olderThan', 'newerThan', 'held', 'group', 'text'] as const;
const PARKED_FILTERS = ['key', 'reason', 'text', 'olderThan', 'newerThan'] as const;
const CONSUMER = ['kind', 'namespace', 'name'] as const;
const PLACE = ['namespace', 'name'] as const;
const FAN_OUT_JOB = '/fan-outs/jobs/:namespace/:fanOut/:id';
const FEATURE = '/stranglers/:namespace/:name/features/:feature';
const SCHEDULE = '/schedules/:kind/:namespace/:name/:schedule';
const EVENT = '/topics/:namespace/:name/events/:id';
const PAGE = ['limit', 'after'] as const;

export const endpoints = {
  audit: read<Page<AuditEntry>>()('/audit', ['namespace', 'by', 'action', 'outcome', 'since', 'until', ...PAGE]),
  caller: read<CallerRights>()('/caller'),
  info: read<PlatformInfo>()('/info'),
  diagnosis: readLook<Diagnosis>()('/diagnosis', ['namespace']),
  sqlTables: read<List<SqlTableReport>>()('/sql/tables', ['namespace']),
  /** Its answer comes as lines. */
  sql: post<SqlBody, SqlAnswer | FailedLine>()('/sql'),
  process: read<ProcessReport>()('/process'),
  settings: read<List<SettingReport>>()('/settings'),
  graph: readLook<Graph>()('/graph', ['namespace', 'kind', 'node', 'depth', 'group']),
  resources: readLook<List<BriefResource>>()('/resources', [...CONSUMER, 'brief']),
  resource: read<ResourceDetail>()('/resources/:kind/:namespace/:name'),
  consumers: read<List<ConsumerReport>>()('/consumers', CONSUMER),
  pause: post<undefined, unknown>()('/consumers/:kind/:namespace/:name/pause'),
  resume: post<undefined, unknown>()('/consumers/:kind/:namespace/:name/resume'),
  deadLetters: read<DeadLetterPage>()('/dead-letters', [...CONSUMER, ...LETTER_FILTERS, ...PAGE]),
  deadLetter: read<DeadLetterDetail>()('/dead-letters/:kind/:namespace/:name/:id'),
  deadLetterOwners: readLook<List<DeadLetterOwner>>()('/dead-letters/owners', ['namespace']),
  deadLetterGroups: readLook<DeadLetterGroupPage>()('/dead-letters/groups', [...CONSUMER, ...LETTER_FILTERS, 'limit']),
  parked: read<ParkedPage>()('/parked', [...CONSUMER, ...PARKED_FILTERS, ...PAGE]),
  /** The same for a page on which nobody acts on them. */
  parkedSeen: readLook<ParkedPage>()('/parked', [...CONSUMER, ...PARKED_FILTERS, ...PAGE]),
  fanOuts: read<List<FanOutReport>>()('/fan-outs', PLACE),
  fanOutJobs: read<Page<FanOutSummary>>()('/fan-outs/jobs', ['namespace', 'fanOut', 'state', ...PAGE]),
  fanOutJob: read<FanOutSummary>()(FAN_OUT_JOB),
  fanOutItems: read<ItemMap>()(`${FAN_OUT_JOB}/items`, ['groups']),
  fanOutFailed: read<Page<FailedItem>>()(`${FAN_OUT_JOB}/failed`, PAGE),
  fanOutStory: read<JobStory>()(`${FAN_OUT_JOB}/story`),
  redriveFanOutJob: post<undefined, FanOutSummary>()(`${FAN_OUT_JOB}/redrive`),
  cancelFanOutJob: remove<FanOutSummary>()(FAN_OUT_JOB),
  jobs: read<Page<JobSummary>>()('/jobs', ['namespace', 'queue', 'state', ...PAGE]),
  job: read<JobSummary>()('/jobs/:namespace/:queue/:id'),
  cancelJob: remove<JobSummary>()('/jobs/:namespace/:queue/:id'),
  topicCatalogue: read<Page<TopicEntry>>()('/topics/catalogue', [...PLACE, 'text', 'owner', 'lifecycle', ...PAGE]),
  topics: read<List<TopicReport>>()('/topics', ['namespace']),
  lastEvents: post<LastEvents, TopicLine | FailedLine>()('/topics/:namespace/:name/follow'),
  view: read<ViewReport>()('/views/:namespace/:name'),
  queryView: post<Pick<ViewRequest, 'query'>, ViewRows>()('/views/:namespace/:name/query'),
  rebuildView: post<undefined, { readonly generation: string }>()('/views/:namespace/:name/rebuild'),
  pipelines: read<List<PipelineReport>>()('/pipelines', PLACE),
  openWindows: read<List<OpenWindows>>()('/pipelines/:namespace/:name/windows'),
  function: read<FunctionDetail>()('/functions/:namespace/:name'),
  functionLines: read<FunctionLines>()('/functions/:namespace/:name/lines', ['text', ...PAGE]),
  invoke: post<WrittenRequest, FunctionAnswer>()('/functions/:namespace/:name/invoke'),
  openApi: read<OpenApiDocument>()('/apis/:namespace/:name/openapi.json'),
  requestApi: post<WrittenRequest, FunctionAnswer>()('/apis/:namespace/:name/request'),
  routes: read<List<RouteView>>()('/routes'),
  explain: post<ExplainRequest, RouteExplanation>()('/routes/explain'),
  aggregateRequests: read<AggregateRequests>()('/aggregates/:namespace/:name/requests', ['limit']),
  strangler: read<StranglerReport>()('/stranglers/:namespace/:name'),
  promote: post<PromoteBody, FeatureReport>()(`${FEATURE}/promote`),
  backOut: post<{ readonly reason?: string }, FeatureReport>()(`${FEATURE}/back-out`),
  schedules: read<Page<ScheduleReport>>()('/schedules', [...CONSUMER, ...PAGE]),
  schedule: read<ScheduleReport>()(SCHEDULE),
  planSchedule: post<{ readonly action: ScheduleAction }, ScheduleActionPlan>()(`${SCHEDULE}/plan`),
  runSchedule: post<TokenBody, ScheduleReport>()(`${SCHEDULE}/run`),
  pauseSchedule: post<TokenBody, ScheduleReport>()(`${SCHEDULE}/pause`),
  resumeSchedule: post<TokenBody, ScheduleReport>()(`${SCHEDULE}/resume`),
  operations: read<Page<OperationReport>>()('/operations', ['namespace', ...PAGE]),
  operation: read<OperationReport>()('/operations/:namespace/:id'),
  operationItems: read<Page<ItemResult>>()('/operations/:namespace/:id/items', ['failed', ...PAGE]),
  plan: post<PlanBody, OperationPlan>()('/operations'),
  startOperation: post<TokenBody, OperationReport>()('/operations/:namespace/:id/start'),
  pauseOperation: post<undefined, OperationReport>()('/operations/:namespace/:id/pause'),
  resumeOperation: post<undefined, OperationReport>()('/operations/:namespace/:id/resume'),
  stopOperation: post<undefined, OperationReport>()('/operations/:namespace/:id/stop'),
  findEvents: read<FoundPage>()('/events', ['namespace', 'id', 'key', 'trace', 'job', ...PAGE]),
  topicEvents: read<TopicEventPage>()('/topics/:namespace/:name/events', ['from', 'dataBytes', 'limit']),
  planResend: post<ResendBody, ResendPlan>()(`${EVENT}/resend/plan`),
  resend: post<ResendBody, ResentEvent>()(`${EVENT}/resend`),
  story: read<EventStory>()(`${EVENT}/story`, ['ledSince', 'fromBefore']),
} as const;
