// The event plane in the admin API: topics, consumers, dead letters, jobs, and actions on them.

import { TenfoldError } from '../core/errors.ts';
import type { FanOutControl } from './fan-out-view.ts';
import type { JobQuery, JobSummary } from './job-view.ts';
import type { Page } from './page.ts';

/** Kinds that events are handed to, and that may give some up. */
export const consumerKinds = ['Subscription', 'Queue', 'Strangler', 'FanOut', 'View', 'Pipeline'] as const;

/**
 * The name of a consumer. It is a Subscription, a Queue, a feature of a Strangler whose changes go
 * back to legacy, or a part of a FanOut. The items of a FanOut have its name; its other parts are
 * `renditions/splits` and `renditions/gathers`.
 */
export interface ConsumerName {
  readonly kind: (typeof consumerKinds)[number];
  readonly namespace: string;
  /** A feature is `shop.orders`. */
  readonly name: string;
}

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
}

export interface ConsumerReport extends ConsumerName {
  /** The log's topic that it reads. */
  readonly topic: string;
  /** The target for people, e.g. `function video-wall`. */
  readonly target: string;
  /**
   * `starting`: not yet, `lastError` says why. `waiting`: its target is left alone for a moment.
   * `stopped`: too much is parked.
   */
  readonly state: 'starting' | 'running' | 'waiting' | 'paused' | 'stopped' | 'finished';
  readonly lastError: string | undefined;
  /** Set where it is paused by command rather than by its resource. */
  readonly pausedByCommand: boolean;
  /** Events not handled yet, parked ones included. Undefined while it is not known. */
  readonly lag: number | undefined;
  /** Age of the oldest of them, milliseconds. */
  readonly oldestAgeMs: number | undefined;
  readonly inFlight: number;
  readonly parkedKeys: number;
  readonly parkedEvents: number;
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
        /** The count in this process, since it started. */
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
  /** Deleted by retention before they were folded. */
  readonly jumped: number;
}

export interface PipelineReport {
  readonly namespace: string;
  readonly name: string;
  readonly state: 'starting' | 'running' | 'stopped';
  readonly lastError: string | undefined;
  /** Events of its Topic that it has not read yet. Undefined while it is not known. */
  readonly lag: number | undefined;
  /** Events of its Topic, since the platform started. */
  readonly handled: number;
  /** Results of its windows. */
  readonly emitted: number;
  /** Events that came when their windows were closed. */
  readonly late: number;
  /** Events that `filter`, `dedupe`, or a required `join` have left out, as declared. */
  readonly filtered: number;
  readonly deduplicated: number;
  readonly unjoined: number;
  /** Events that windows have left out: published twice, or handed on twice after a crash. */
  readonly repeated: number;
  /** How far event time has come, RFC 3339, where least. Undefined before it is known. */
  readonly watermark: string | undefined;
  /** Events that wait for another call of a function. */
  readonly parkedEvents: number;
  /** Events that were given up, and are kept. */
  readonly deadLetters: number;
  /** Nothing could be made of them. */
  readonly refused: number;
  /** Deleted by retention before they were read. */
  readonly jumped: number;
  readonly archives: readonly ArchiveReport[];
}

export interface ArchiveReport {
  /** The name in SQL. */
  readonly table: string;
  /** Events that are in no file yet. Undefined while it is not known. */
  readonly behind: number | undefined;
  /** Events that were gathered for files, since the platform started. */
  readonly gathered: number;
}

export interface DeadLetterSummary {
  /** `<partition>-<offset>`, unique within its consumer. */
  readonly id: string;
  readonly consumer: ConsumerName;
  readonly key: string | null;
  readonly reason: string;
  /** Why the last attempt failed, for people. */
  readonly error: string;
  readonly status?: number;
  readonly attempts: number;
  /** RFC 3339. */
  readonly at: string;
  /** Its key waits for a person. */
  readonly held: boolean;
  readonly redriven: number;
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
}

export interface DeadLetterDetail extends DeadLetterSummary {
  /** The event in the JSON format of CloudEvents; undefined where the record is none. */
  readonly event: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** The data as text when it is UTF-8 and not too large, else its size. */
  readonly data: { readonly text: string } | { readonly bytes: number };
}

export interface DeadLetterPage extends Page<DeadLetterSummary> {
  /**
   * The number that a later release has written, whatever the query: they are not among these. In
   * the pages of one list, each is counted once.
   */
  readonly later?: number;
}

export interface DeadLetterQuery {
  readonly consumer?: ConsumerName;
  /** All consumers in the namespace, where none is named. */
  readonly namespace?: string;
  readonly key?: string;
  readonly reason?: string;
  /** Only those whose key waits for a person, or only those whose key does not. */
  readonly held?: boolean;
  /** Only those given up at least, or at most, so long ago, milliseconds. */
  readonly olderThanMs?: number;
  readonly newerThanMs?: number;
  readonly limit: number;
  /** The `next` of an earlier answer. */
  readonly after?: string;
}

/** An action on dead letters: some by id, or all that the query finds. */
export interface DeadLetterCommand {
  readonly action: 'redrive' | 'skip' | 'purge';
  readonly consumer: ConsumerName;
  readonly ids?: readonly string[];
  readonly query?: Omit<DeadLetterQuery, 'consumer' | 'namespace' | 'limit' | 'after'>;
  /** Redrive of a single one: with other data. */
  readonly edit?: DeadLetterEdit;
}

/** Data to redrive an event with; all else of it stays. */
export type DeadLetterEdit = {
  /** Media type of the data; without it what the event says. */
  readonly contentType?: string | undefined;
} & ({ readonly text: string; readonly base64?: undefined } | { readonly base64: string; readonly text?: undefined });

/**
 * The progress of a command, for each item as it is taken. A command is taken once it is durable;
 * the owner of the partition carries it out.
 */
export interface CommandProgress {
  readonly taken: number;
  /** The failures since the last report, and at the end all of them. */
  readonly failed: readonly { readonly id: string; readonly message: string }[];
  /** How many there are in all, as far as known. */
  readonly total: number | undefined;
  /** At the end of a command for a query: the number that stay, as a later release wrote them. */
  readonly later?: number;
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
  consumers(): Promise<readonly ConsumerReport[]>;
  views(): Promise<readonly ViewReport[]>;
  /** Begins a rebuild, or finds the one under way; resolves to the new generation's id. */
  rebuildView(namespace: string, name: string): Promise<string>;
  pipelines(): Promise<readonly PipelineReport[]>;
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
  deadLetters(query: DeadLetterQuery): Promise<DeadLetterPage>;
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
}

/** While nothing runs that has any. */
export const noEvents: EventControl = {
  topics: async () => [],
  consumers: async () => [],
  views: async () => [],
  rebuildView: nobody,
  pipelines: async () => [],
  pause: nobody,
  resume: nobody,
  replay: nobody,
  endReplay: nobody,
  deadLetters: async () => ({ items: [] }),
  deadLetter: nobody,
  command: nobody,
  jobs: async () => ({ items: [] }),
  job: nobody,
  cancelJob: nobody,
  fanOuts: {
    reports: async () => [],
    list: async () => ({ items: [] }),
    read: nobody,
    failed: nobody,
    cancel: nobody,
    redrive: nobody,
  },
};

async function nobody(): Promise<never> {
  throw new TenfoldError('not-found', 'Nothing of the event plane runs here.');
}
