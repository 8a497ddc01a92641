// Asks the admin API about the event plane: topics, consumers, dead letters, jobs.
import type {
  CommandProgress,
  ConsumerName,
  ConsumerReport,
  DeadLetterDetail,
  DeadLetterEdit,
  DeadLetterPage,
  PipelineReport,
  TopicReport,
  ViewReport,
} from '../../admin/event-view.ts';
import type { FailedItem, FanOutReport, FanOutSummary } from '../../admin/fan-out-view.ts';
import type { JobSummary } from '../../admin/job-view.ts';
import type { Page } from '../../admin/page.ts';
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
}

export interface ReplayRequest {
  /** `earliest` or milliseconds since 1970. */
  readonly from: 'earliest' | number;
  readonly toFunction?: string | undefined;
}

export interface EventClient {
  topics(query: Query): Promise<{ readonly items: readonly TopicReport[] }>;
  consumers(query: Query): Promise<{ readonly items: readonly ConsumerReport[] }>;
  pipelines(query: Query): Promise<{ readonly items: readonly PipelineReport[] }>;
  views(query: Query): Promise<{ readonly items: readonly ViewReport[] }>;
  view(namespace: string, name: string): Promise<ViewReport>;
  rebuildView(namespace: string, name: string): Promise<{ readonly generation: string }>;
  switchConsumer(consumer: ConsumerName, action: 'pause' | 'resume'): Promise<ConsumerReport>;
  replay(consumer: ConsumerName, request: ReplayRequest): Promise<ConsumerReport>;
  endReplay(consumer: ConsumerName): Promise<void>;
  deadLetters(query: Query): Promise<DeadLetterPage>;
  deadLetter(consumer: ConsumerName, id: string): Promise<DeadLetterDetail>;
  /** The last one has `done`. */
  commandLetters(
    consumer: ConsumerName,
    command: LetterCommand,
  ): AsyncGenerator<CommandProgress & { readonly done: boolean }>;
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
    consumers: query => call('GET', 'consumers', query),
    pipelines: query => call('GET', 'pipelines', query),
    views: query => call('GET', 'views', query),
    view: (namespace, name) => call('GET', path('views', namespace, name)),
    rebuildView: (namespace, name) => call('POST', `${path('views', namespace, name)}/rebuild`),
    switchConsumer: (consumer, action) => call('POST', `${at(consumer)}/${action}`),
    replay: (consumer, request) => call('POST', `${at(consumer)}/replays`, {}, request),
    endReplay: consumer => call('DELETE', at(consumer)),
    deadLetters: query => call('GET', 'dead-letters', query),
    deadLetter: ({ kind, namespace, name }, id) => call('GET', path('dead-letters', kind, namespace, name, id)),
    commandLetters: ({ kind, namespace, name }, command) =>
      lines('POST', 'dead-letters/commands', { kind, namespace, name, ...command }),
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
