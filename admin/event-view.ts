// The event plane in the admin API: topics, consumers, dead letters, jobs, and actions on them.

import type {
  CommandProgress,
  DeadLetterCommand,
  DeadLetterDetail,
  DeadLetterGroupPage,
  DeadLetterGroupQuery,
  DeadLetterOwner,
  DeadLetterPage,
  DeadLetterQuery,
} from './commands/dead-letter-view.ts';
import type { OperationControl } from './commands/operation-view.ts';
import type { ResendControl } from './commands/resend-view.ts';
import type { ScheduleControl } from './commands/schedule-view.ts';
import type { ConsumerName } from './consumer-name.ts';
import type { FailureReport, HeldUp } from './failure-view.ts';
import type { FanOutControl } from './fan-out-view.ts';
import type { JobQuery, JobSummary } from './job-view.ts';
import type { Page } from './page.ts';
import type { ParkedControl } from './parked-view.ts';
import type { StoryControl } from './story-view.ts';
import type { FindControl, TopicEventControl } from './topic-view.ts';

export interface TopicReport {
  readonly namespace: string;
  readonly name: string;
  /** In the log. */
  readonly topic: string;
  /** False as long as the log has not been able to make it. */
  readonly there: boolean;
  readonly partitions: number;
  /** Events that are kept, all partitions together. */
  readonly events: number;
  /** Appended since the platform started. */
  readonly appended: number;
  /** Undefined where it has none, where nothing is known of it, and by earlier releases. */
  readonly source?: SourceReport | undefined;
}

/** How the source of a Topic does, such as an outbox table. */
export interface SourceReport {
  /** `standby`: no process reads it yet. `failing`: `lastError` says why; it is tried again. */
  readonly state: 'starting' | 'standby' | 'running' | 'failing';
  readonly table: string;
  readonly lastError?: string | undefined;
  /** RFC 3339. */
  readonly failingSince?: string | undefined;
  /** Rows that became events, since the processes started. */
  readonly read: number;
  /** Rows that wait in the table, counted up to 100,000; undefined while not known. */
  readonly waiting?: number | undefined;
  /** Age of the oldest of them, milliseconds; undefined while not known. */
  readonly ageMs?: number | undefined;
  /** Rows that became no event, and stay in the table. */
  readonly aside: number;
  /** The first of them. */
  readonly rowsAside: readonly { readonly id: string; readonly message: string }[];
}

export interface ConsumerReport extends ConsumerName {
  /** The log's topic that it reads. */
  readonly topic: string;
  /** The target for people, e.g. `function video-wall`. */
  readonly target: string;
  /**
   * `starting`: not yet, `lastError` says why. `resting`: its target is left alone for a moment.
   * `stopped`: too much is parked.
   */
  readonly state: 'starting' | 'running' | 'resting' | 'paused' | 'stopped' | 'finished';
  readonly lastError: string | undefined;
  /** Undefined where nothing does, where it is not known, and by earlier releases. */
  readonly heldUp?: HeldUp | undefined;
  /** Since the platform started. */
  readonly newestFailure?: FailureReport | undefined;
  /** Set where it is paused by command rather than by its resource. */
  readonly pausedByCommand: boolean;
  /** Events not handled yet, parked ones included. Undefined while it is not known. */
  readonly lag: number | undefined;
  /** Age of the oldest of them, milliseconds. */
  readonly oldestAgeMs: number | undefined;
  readonly inFlight: number;
  readonly parkedKeys: number;
  readonly parkedEvents: number;
  /** Parked keys whose first event has failed and is tried again; undefined by earlier releases. */
  readonly failingKeys?: number | undefined;
  /** The one of their events that failed first: since when (RFC 3339), and how it failed last. */
  readonly failedFirst?: { readonly since: string; readonly cause?: string | undefined } | undefined;
  /** Parked keys that wait for a person; undefined by earlier releases. */
  readonly heldKeys?: number | undefined;
  readonly heldFirst?: { readonly since: string; readonly cause?: string | undefined } | undefined;
  readonly deadLetters: number;
  /** Since the platform started. */
  readonly delivered: number;
  readonly attempts: number;
  readonly failures: number;
  /** Set for a replay: whose events it replays. */
  readonly replayOf?: string;
}

export interface ViewReport {
  readonly namespace: string;
  readonly name: string;
  /** Id of what serves: another after each rebuild. Undefined during the first build. */
  readonly generation: string | undefined;
  /** The generation that is being built, to take the place of the serving one. */
  readonly building:
    | {
        readonly generation: string;
        /** RFC 3339. */
        readonly since: string;
        /** In all processes, since they started. */
        readonly folded: number;
        /** Records that are still to be read; more may come. */
        readonly behind: number;
      }
    | undefined;
  readonly state: 'starting' | 'running' | 'stopped';
  readonly lastError: string | undefined;
  /** Records on their way to it. Undefined while it is not known. */
  readonly behind: number | undefined;
  /** The time up to which all events are in, RFC 3339. */
  readonly asOf: string | undefined;
  /** Since the platform started. */
  readonly folded: number;
  /** Appended twice, and folded once. */
  readonly repeated: number;
  /** Nothing could be made of them. */
  readonly refused: number;
  /** Refused events that are kept as dead letters, also from before the platform started. */
  readonly deadLetters: number;
  /** Deleted by retention before they were folded. */
  readonly jumped: number;
}

export interface PipelineReport {
  readonly namespace: string;
  readonly name: string;
  readonly state: 'starting' | 'running' | 'stopped';
  readonly lastError: string | undefined;
  /** Why it has stopped for good, and what a person does; both are in `lastError`, too. */
  readonly stop?: { readonly why: string; readonly next: string } | undefined;
  /** Events of its Topics that it has not read yet. Undefined while it is not known. */
  readonly lag: number | undefined;
  /** Events of its Topics, since the platform started. */
  readonly handled: number;
  /** Results of its windows and joins. */
  readonly emitted: number;
  /** Events that came too late for a window or a join. */
  readonly late: number;
  /** Events that `filter`, `dedupe`, or a required `join` have left out, as declared. */
  readonly filtered: number;
  readonly deduplicated: number;
  readonly unjoined: number;
  /** Events that windows have left out: published twice, or handed on twice after a crash. */
  readonly repeated: number;
  /** How far event time has come, RFC 3339, where least. Undefined before it is known. */
  readonly watermark: string | undefined;
  /** Events that its joins keep, as events of the other Topic may still belong to them. */
  readonly joining: number;
  /** Events that wait for another call of a function. */
  readonly parkedEvents: number;
  /** Events that were given up, and are kept. */
  readonly deadLetters: number;
  /** Nothing could be made of them. */
  readonly refused: number;
  /** Deleted by retention before they were read. */
  readonly jumped: number;
  readonly archives: readonly ArchiveReport[];
  readonly tables: readonly TableReport[];
}

/** The windows of one `window` step that still count. */
export interface OpenWindows {
  /** The name in SQL, which has what each has counted. */
  readonly table: string;
  /** Whether there is a window for each key. */
  readonly isKeyed: boolean;
  /** RFC 3339: windows that end by then are closed; the least of all partitions. */
  readonly watermark: string | undefined;
  /** All that are open; at least so many where it is not exact. */
  readonly count: number;
  readonly isExact: boolean;
  /** As many of them were read: those that begin first, of each partition. */
  readonly read: number;
  /** The windows that were read, by their ends: the first to close comes first. */
  readonly open: readonly OpenWindowsOfTime[];
  /** Further spans of time that were read. */
  readonly more?: number;
}

export interface OpenWindowsOfTime {
  /** RFC 3339. */
  readonly start: string;
  /** RFC 3339, exclusive. A session ends later when more events come. */
  readonly end: string;
  /** Windows: one for each key. */
  readonly count: number;
}

export interface ArchiveReport {
  /** The name in SQL. */
  readonly table: string;
  /** Events that are in no file yet. Undefined while it is not known. */
  readonly behind: number | undefined;
  /** Events that were gathered for files, since the platform started. */
  readonly gathered: number;
}

/** A table of a database that the Pipeline writes to. */
export interface TableReport {
  /** As the sink names it. */
  readonly table: string;
  /** Events that are not written yet. Undefined while it is not known. */
  readonly behind: number | undefined;
  /** Events that were written, or given up, since the platform started. */
  readonly written: number;
  /** Why it cannot be written; it is tried again. */
  readonly trouble: string | undefined;
}

export interface ReplayRequest {
  readonly namespace: string;
  readonly subscription: string;
  /** `earliest` or milliseconds since 1970. */
  readonly from: 'earliest' | number;
  /** Function that gets the events in place of the subscription's own target. */
  readonly toFunction?: string;
}

/**
 * Throws `not-found` for names that are none, `conflict` for what makes no sense now,
 * `log-unavailable` and `store-unavailable`.
 */
export interface EventControl {
  topics(): Promise<readonly TopicReport[]>;
  readonly topicEvents: TopicEventControl;
  readonly resends: ResendControl;
  readonly stories: StoryControl;
  readonly finding: FindControl;
  consumers(): Promise<readonly ConsumerReport[]>;
  views(): Promise<readonly ViewReport[]>;
  /** Begins a rebuild, or finds the one under way; resolves to the new generation's id. */
  rebuildView(namespace: string, name: string): Promise<string>;
  pipelines(): Promise<readonly PipelineReport[]>;
  /** One for each `window` step. Throws `not-found` for a Pipeline that does not run. */
  openWindows(namespace: string, name: string, signal: AbortSignal): Promise<readonly OpenWindows[]>;
  /** Lasts until resumed, also when the platform is started anew. */
  pause(consumer: ConsumerName): Promise<void>;
  resume(consumer: ConsumerName): Promise<void>;
  /**
   * Delivers what the topic held at this moment, from a time on, beside the subscription and
   * without moving its position. Answers with its name.
   */
  replay(request: ReplayRequest): Promise<ConsumerName>;
  /** Ends a replay before its end, or forgets one that has ended. */
  endReplay(replay: ConsumerName): Promise<void>;
  /** All that may have dead letters, each with their number. */
  deadLetterOwners(): Promise<readonly DeadLetterOwner[]>;
  deadLetters(query: DeadLetterQuery): Promise<DeadLetterPage>;
  deadLetterGroups(query: DeadLetterGroupQuery): Promise<DeadLetterGroupPage>;
  deadLetter(consumer: ConsumerName, id: string): Promise<DeadLetterDetail>;
  command(
    command: DeadLetterCommand,
    progress: (progress: CommandProgress) => void,
    signal: AbortSignal,
  ): Promise<CommandProgress>;
  jobs(query: JobQuery): Promise<Page<JobSummary>>;
  /**
   * `waitMs`: resolves as soon as the job has ended, at the latest after so long; at once without
   * it. `signal`: the caller has left.
   */
  job(namespace: string, queue: string, id: string, waitMs?: number, signal?: AbortSignal): Promise<JobSummary>;
  /** Resolves to the job in its state then; a running job ends as soon as its function does. */
  cancelJob(namespace: string, queue: string, id: string): Promise<JobSummary>;
  readonly fanOuts: FanOutControl;
  readonly parked: ParkedControl;
  readonly operations: OperationControl;
  readonly schedules: ScheduleControl;
}
