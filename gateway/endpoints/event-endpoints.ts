// The parts of the process that the endpoints for events and jobs need.
import type { Incarnation } from '../../core/incarnation.ts';
import type { JobRow } from '../../core/jobs/job-row.ts';
import { createJobSignals, type JobSignals } from '../../core/jobs/job-signals.ts';
import { createViewDirectory, type ViewDirectory } from '../../core/views/view-directory.ts';
import type { ViewSignals } from '../../core/views/view-signals.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Reminders } from '../../drivers/store/reminders.ts';
import type { Keys, Store } from '../../drivers/store/store.ts';
import { type CacheEndpoint, createCacheEndpoint } from '../cache-endpoint/cache-endpoint.ts';
import { createIntake, type Intake } from '../exchange/intake.ts';
import type { AddressCheck } from '../transport/address-policy.ts';
import { type AnswerCache, createAnswerCache } from '../views/answer-cache.ts';
import { createLiveViews, type LiveViews } from '../views/live/live-views.ts';
import type { ViewSearch } from '../views/search-view.ts';
import type { ViewStore } from '../views/view-store.ts';
import { type Appender, createAppender } from './appender.ts';
import { createJobCounts, type JobCounts } from './job-counts.ts';
import { createPublishCounts, type PublishCounts } from './publish-counts.ts';

/** A partition of the jobs of a Queue. */
export interface QueuePartition {
  readonly namespace: string;
  /** Of the Queue. */
  readonly name: string;
  readonly partition: number;
}

/** The part of the store from which jobs of FanOuts are read. */
export type FanOutReadStore = Pick<Store, 'row' | 'scan' | 'position'>;

export interface EventEndpointsOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: Keys;
  /** Store from which Views are read; without it they cannot be. */
  readonly views?: ViewStore | undefined;
  /** Store from which jobs of FanOuts are read; without it they cannot be. */
  readonly fanOuts?: FanOutReadStore | undefined;
  /** Search index of Views; without it they cannot be searched. */
  readonly search?: ViewSearch | undefined;
  /**
   * Reports of the rows that folds change; without it answers about one key are kept as long as
   * others.
   */
  readonly viewSignals?: ViewSignals | undefined;
  /**
   * Store for data and results that are too large for log and store; without it they are refused.
   */
  readonly blobs?: BlobStore | undefined;
  /**
   * Signals by which workers wake waiting callers at once. Without it the store is asked again and
   * again.
   */
  readonly signals?: JobSignals;
  /**
   * Epoch of this process. A claim in the store by a process that has ended is over. Without it
   * that is known only after half a minute.
   */
  readonly incarnation?: Incarnation | undefined;
  /**
   * Reminders of claims that a failover of the store must not lose. Without them it forgets
   * nothing.
   */
  readonly reminders?: Reminders | undefined;
  /** Which addresses may be called back. */
  readonly checkCallback: AddressCheck;
  /** Asks the owner of a queue's partition to give a job up. */
  cancelJob(group: string, partition: number, offset: number): Promise<void>;
  /**
   * How many jobs of a queue are not done yet; undefined when that is not known. Without it
   * positions in the log are taken for it.
   */
  waitingJobs?(group: string, topic: string): Promise<number | undefined>;
  /**
   * When the worker of a job was lost in the midst of its attempt; undefined while it was not, and
   * where that is not known. Without it the row of a job has the word.
   */
  lostAttemptAt?(row: JobRow, of: QueuePartition): Promise<number | undefined>;
  /** Bytes that all requests together may hold; without it 128 MiB. */
  readonly maxHeldBytes?: number;
  /** Requests that may wait in the cache endpoint. Default 2,000. */
  readonly maxCacheWaiting?: number;
}

/** Answers of Views that are kept, of all together. */
const ANSWER_BYTES = 64 * 1024 * 1024;

/** Made once for a process; lasts longer than any plan. */
export interface EventEndpoints
  extends Pick<
    EventEndpointsOptions,
    | 'log'
    | 'store'
    | 'views'
    | 'search'
    | 'fanOuts'
    | 'blobs'
    | 'incarnation'
    | 'reminders'
    | 'checkCallback'
    | 'cancelJob'
    | 'waitingJobs'
    | 'lostAttemptAt'
  > {
  readonly signals: JobSignals;
  readonly appender: Appender;
  readonly intake: Intake;
  readonly published: PublishCounts;
  readonly jobs: JobCounts;
  /** Answers of Views. */
  readonly answers: AnswerCache;
  /** The cache in which functions keep values outside themselves. */
  readonly cache: CacheEndpoint;
  /** Which generation of a View serves. */
  readonly directory: ViewDirectory | undefined;
  /** Followers of Views. */
  readonly live: LiveViews | undefined;
}

export function createEventEndpoints(options: EventEndpointsOptions): EventEndpoints {
  const { world, log, signals = createJobSignals(), viewSignals, maxHeldBytes, maxCacheWaiting } = options;
  const { views: store } = options;
  const answers = createAnswerCache(world, ANSWER_BYTES, viewSignals?.keeps);
  viewSignals?.listen((group, keys) => answers.changed(group, keys));
  const directory = store && createViewDirectory(world, store);
  const live = store && directory && createLiveViews({ world, log, store, views: directory, signals: viewSignals });
  const appender = createAppender(world, log);
  const intake = createIntake(maxHeldBytes);
  const published = createPublishCounts();
  const jobs = createJobCounts();
  const cache = createCacheEndpoint({ world, store: options.store, intake, maxWaiting: maxCacheWaiting });
  return { ...options, signals, appender, intake, published, jobs, answers, directory, live, cache };
}
