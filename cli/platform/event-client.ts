// Asks the admin API about the event plane: topics, consumers, dead letters, jobs.

import type { FailedLine } from '../../admin/api.ts';
import type { TopicEntry } from '../../admin/catalogue/catalogue-view.ts';
import type {
  CommandProgress,
  DeadLetterDetail,
  DeadLetterEdit,
  DeadLetterGroupPage,
  DeadLetterPage,
} from '../../admin/commands/dead-letter-view.ts';
import type { ResendPlan, ResendRequest, ResentEvent } from '../../admin/commands/resend-view.ts';
import type { ConsumerName } from '../../admin/consumer-name.ts';
import type { ConsumerReport, PipelineReport, TopicReport, ViewReport } from '../../admin/event-view.ts';
import type { FailedItem, FanOutReport, FanOutSummary } from '../../admin/fan-out-view.ts';
import type { JobSummary } from '../../admin/job-view.ts';
import type { Page } from '../../admin/page.ts';
import type { ParkedCommand, ParkedDetail, ParkedPage, ParkedProgress } from '../../admin/parked-view.ts';
import type { EventStory, JobStory, StoryJobName, StoryQuery } from '../../admin/story-view.ts';
import type { FollowQuery, FoundPage, TopicEventPage, TopicLine } from '../../admin/topic-view.ts';
import type { AdminCaller, Query } from './admin-call.ts';

/** Some by id, or all that the query finds. Durations as text, such as `7d`. */
export interface LetterCommand {
  readonly action: 'redrive' | 'skip' | 'purge';
  readonly ids?: readonly string[];
  readonly query?: LetterQuery;
  /** Redrive of a single one: with other data. */
  readonly edit?: DeadLetterEdit;
}

export interface LetterQuery {
  readonly key?: string | undefined;
  readonly reason?: string | undefined;
  readonly olderThan?: string | undefined;
  readonly newerThan?: string | undefined;
  readonly held?: 'true' | undefined;
  readonly group?: string | undefined;
  readonly text?: string | undefined;
}

/** Durations as text, such as `7d`. */
export interface ParkedSelection {
  readonly key?: string | undefined;
  readonly reason?: string | undefined;
  readonly text?: string | undefined;
  readonly olderThan?: string | undefined;
  readonly newerThan?: string | undefined;
}

/** Some by id, or the heads of all keys that the query finds. */
export interface ParkedOrders extends Pick<ParkedCommand, 'action' | 'ids' | 'wholeKey'> {
  readonly query?: ParkedSelection;
}

export interface ReplayRequest {
  /** `earliest` or milliseconds since 1970. */
  readonly from: 'earliest' | number;
  readonly toFunction?: string | undefined;
}

type ResendOrder = Pick<ResendRequest, 'edit' | 'eventId' | 'consumer'>;

export interface TopicName {
  readonly namespace: string;
  readonly name: string;
}

export interface EventClient {
  topics(query: Query): Promise<{ readonly items: readonly TopicReport[] }>;
  /** It may end sooner than `limit` says. */
  topicCatalogue(query: Query): Promise<Page<TopicEntry>>;
  topicEvents(topic: TopicName, query: Query, signal: AbortSignal): Promise<TopicEventPage>;
  /** By `id`, `key`, `trace` or `job`. */
  findEvents(query: Query, signal: AbortSignal): Promise<FoundPage>;
  /** `id`: `<partition>-<offset>`. */
  story(topic: TopicName, id: string, query: StoryQuery): Promise<EventStory>;
  /** `id` as for a story. It changes nothing. */
  planResend(topic: TopicName, id: string, order: ResendOrder): Promise<ResendPlan>;
  resend(topic: TopicName, id: string, order: ResendOrder): Promise<ResentEvent>;
  jobStory(of: StoryJobName, id: string, query: StoryQuery): Promise<JobStory>;
  followTopic(topic: TopicName, query: FollowQuery, signal: AbortSignal): AsyncGenerator<TopicLine | FailedLine>;
  consumers(query: Query): Promise<{ readonly items: readonly ConsumerReport[] }>;
  pipelines(query: Query): Promise<{ readonly items: readonly PipelineReport[] }>;
  views(query: Query): Promise<{ readonly items: readonly ViewReport[] }>;
  view(namespace: string, name: string): Promise<ViewReport>;
  rebuildView(namespace: string, name: string): Promise<{ readonly generation: string }>;
  switchConsumer(consumer: ConsumerName, action: 'pause' | 'resume'): Promise<ConsumerReport>;
  replay(consumer: ConsumerName, request: ReplayRequest): Promise<ConsumerReport>;
  endReplay(consumer: ConsumerName): Promise<void>;
  deadLetters(query: Query): Promise<DeadLetterPage>;
  deadLetterGroups(query: Query): Promise<DeadLetterGroupPage>;
  deadLetter(consumer: ConsumerName, id: string): Promise<DeadLetterDetail>;
  /** The last one has `done`. */
  commandLetters(
    consumer: ConsumerName,
    command: LetterCommand,
  ): AsyncGenerator<CommandProgress & { readonly done: boolean }>;
  parked(query: Query): Promise<ParkedPage>;
  parkedKey(consumer: ConsumerName, id: string, query: Query): Promise<ParkedDetail>;
  /** The last one has `done`. */
  commandParked(
    consumer: ConsumerName,
    orders: ParkedOrders,
  ): AsyncGenerator<ParkedProgress & { readonly done: boolean }>;
  jobs(query: Query): Promise<Page<JobSummary>>;
  /** `wait`: as soon as it has ended, at the latest after so long, such as `5s`. */
  job(namespace: string, queue: string, id: string, wait?: string): Promise<JobSummary>;
  fanOuts(): Promise<{ readonly items: readonly FanOutReport[] }>;
  fanOutJobs(query: Query): Promise<Page<FanOutSummary>>;
  fanOutJob(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
  fanOutFailed(namespace: string, fanOut: string, id: string, query: Query): Promise<Page<FailedItem>>;
  cancelFanOut(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
  redriveFanOut(namespace: string, fanOut: string, id: string): Promise<FanOutSummary>;
  cancelJob(namespace: string, queue: string, id: string): Promise<JobSummary>;
}

export function createEventClient({ call, lines }: AdminCaller): EventClient {
  const path = (...parts: string[]) => parts.map(encodeURIComponent).join('/');
  const at = ({ kind, namespace, name }: ConsumerName) => path('consumers', kind, namespace, name);
  return {
    topics: query => call('GET', 'topics', query),
    topicCatalogue: query => call('GET', 'topics/catalogue', query),
    topicEvents: ({ namespace, name }, query, signal) =>
      call('GET', `${path('topics', namespace, name)}/events`, query, undefined, signal),
    findEvents: (query, signal) => call('GET', 'events', query, undefined, signal),
    story: ({ namespace, name }, id, query) =>
      call('GET', `${path('topics', namespace, name, 'events', id)}/story`, { ...query }),
    planResend: ({ namespace, name }, id, order) =>
      call('POST', `${path('topics', namespace, name, 'events', id)}/resend/plan`, {}, order),
    resend: ({ namespace, name }, id, order) =>
      call('POST', `${path('topics', namespace, name, 'events', id)}/resend`, {}, order),
    jobStory({ kind, namespace, name }, id, query) {
      const jobs = kind === 'Queue' ? 'jobs' : 'fan-outs/jobs';
      return call('GET', `${jobs}/${path(namespace, name, id)}/story`, { ...query });
    },
    followTopic: ({ namespace, name }, query, signal) =>
      lines('POST', `${path('topics', namespace, name)}/follow`, query, signal),
    consumers: query => call('GET', 'consumers', query),
    pipelines: query => call('GET', 'pipelines', query),
    views: query => call('GET', 'views', query),
    view: (namespace, name) => call('GET', path('views', namespace, name)),
    rebuildView: (namespace, name) => call('POST', `${path('views', namespace, name)}/rebuild`),
    switchConsumer: (consumer, action) => call('POST', `${at(consumer)}/${action}`),
    replay: (consumer, request) => call('POST', `${at(consumer)}/replays`, {}, request),
    endReplay: consumer => call('DELETE', at(consumer)),
    deadLetters: query => call('GET', 'dead-letters', query),
    deadLetterGroups: query => call('GET', 'dead-letters/groups', query),
    deadLetter: ({ kind, namespace, name }, id) => call('GET', path('dead-letters', kind, namespace, name, id)),
    commandLetters: ({ kind, namespace, name }, command) =>
      lines('POST', 'dead-letters/commands', { kind, namespace, name, ...command }),
    parked: query => call('GET', 'parked', query),
    parkedKey: ({ kind, namespace, name }, id, query) => call('GET', path('parked', kind, namespace, name, id), query),
    commandParked: ({ kind, namespace, name }, orders) =>
      lines('POST', 'parked/commands', { kind, namespace, name, ...orders }),
    jobs: query => call('GET', 'jobs', query),
    job: (namespace, queue, id, wait) => call('GET', path('jobs', namespace, queue, id), { wait }),
    cancelJob: (namespace, queue, id) => call('DELETE', path('jobs', namespace, queue, id)),
    fanOuts: () => call('GET', 'fan-outs'),
    fanOutJobs: query => call('GET', 'fan-outs/jobs', query),
    fanOutJob: (namespace, fanOut, id) => call('GET', path('fan-outs', 'jobs', namespace, fanOut, id)),
    fanOutFailed: (namespace, fanOut, id, query) =>
      call('GET', path('fan-outs', 'jobs', namespace, fanOut, id, 'failed'), query),
    cancelFanOut: (namespace, fanOut, id) => call('DELETE', path('fan-outs', 'jobs', namespace, fanOut, id)),
    redriveFanOut: (namespace, fanOut, id) => call('POST', path('fan-outs', 'jobs', namespace, fanOut, id, 'redrive')),
  };
}
