// The story of an event in the admin API: what became of it at each consumer of its Topic.
import type { Cause } from '../core/cause.ts';
import type { ConsumerName } from './consumer-name.ts';
import type { HeldUp } from './failure-view.ts';
import type { FailedItem, FanOutSummary } from './fan-out-view.ts';
import type { JobSummary } from './job-view.ts';
import type { TopicEvent } from './topic-view.ts';

/** A window of a Pipeline that an event is counted in. */
export interface StoryWindow {
  readonly key: string;
  /** RFC 3339; absent for a session, whose bounds follow from all its events. */
  readonly start?: string;
  readonly end?: string;
  /** For a session: when the event happened. */
  readonly around?: string;
}

/**
 * `waiting`: not reached yet. `running`: an attempt at a job is under way. `parked`: waits for
 * another attempt. `held`: given up, and its key waits for a person. `dead`: given up. `purged`:
 * given up, and a person deleted its dead letter. `filtered`: the filter in force leaves it out, or
 * the consumer began behind it. `done`: the consumer has passed it; a View or a window has it.
 * `unknown`: it cannot be found out, `note` says why.
 */
export type Fate = 'waiting' | 'running' | 'parked' | 'held' | 'dead' | 'purged' | 'filtered' | 'done' | 'unknown';

/** An action of a person, as the audit log has it. */
export interface StoryDeed {
  /** `edit`: redriven with other data. */
  readonly action: 'pause' | 'skip' | 'purge' | 'give-up' | 'redrive' | 'edit' | 'cancel';
  /** The caller, as its credentials name it. */
  readonly by: string;
  /** RFC 3339: when it was asked for. */
  readonly at: string;
  /** The operation that it was a part of. */
  readonly operation?: string;
}

/**
 * The attempt that succeeded, as the process has measured it that made it. The slowest that is
 * remembered, where the event became several events at that part of a Pipeline.
 */
export interface StoryAttempt {
  /** RFC 3339. */
  readonly startedAt: string;
  readonly ms: number;
  /** Its number, from 1. */
  readonly attempt: number;
  /** The number of events in its call, where there was more than this one. */
  readonly together?: number;
  /** The host of that process, which is its pod in a cluster. */
  readonly host: string;
}

export interface ConsumerStory {
  readonly consumer: ConsumerName;
  readonly fate: Fate;
  /** The id of the generation of a View. */
  readonly generation?: string;
  /** That generation is being built, and does not serve. */
  readonly building?: true;
  /** Keys of the rows, members, feeds or documents of a View that the event changes. */
  readonly rows?: readonly string[];
  /** More rows than `rows` has. */
  readonly moreRows?: number;
  /** The windows of a Pipeline that the event is counted in, unless they were closed before. */
  readonly windows?: readonly StoryWindow[];
  readonly moreWindows?: number;
  /**
   * While it waits: events of its partition before it that are not known to be done, at most. At a
   * View and in a window, records of the internal topic count, too.
   */
  readonly ahead?: number;
  /** While it is parked behind an earlier event of its key: `<partition>-<offset>` of that one. */
  readonly behind?: string;
  /**
   * For an event that is done. Processes keep in memory what they have measured of their newest
   * deliveries: `unknown` where none remembers this one.
   */
  readonly took?: StoryAttempt | 'unknown';
  readonly attempts?: number;
  /** RFC 3339: since when it is parked, or when it was given up. */
  readonly since?: string;
  /** RFC 3339; it may lie in the past. */
  readonly nextAttemptAt?: string;
  /** It is given up, and its dead letter or what follows from that is not complete yet. */
  readonly settling?: true;
  /** Why it was given up, as for dead letters. */
  readonly reason?: string;
  /** Why the newest attempt failed, for people. */
  readonly error?: string;
  readonly status?: number;
  readonly cause?: Cause;
  /** How often it was redriven. */
  readonly redriven?: number;
  /** RFC 3339: when it was redriven last, where it was handled then and the log still says that. */
  readonly redrivenAt?: string;
  /** The newest redrive of it, where the audit log says that. */
  readonly redrivenBy?: StoryDeed;
  /** The decision about it, where the audit log says that. */
  readonly by?: StoryDeed;
  /** The reason why the consumer makes no calls while it waits for one, where that is known. */
  readonly heldUp?: HeldUp;
  /** Why it waits, in a sentence for people. */
  readonly because?: string;
  /** A sentence for people beside the fate. */
  readonly note?: string;
}

/** A resource that has topics of the log. */
export interface StoryPlace {
  readonly kind: 'Topic' | 'Queue' | 'FanOut' | 'View';
  readonly namespace: string;
  readonly name: string;
}

/** An event, a job or what feeds a View, that led to another or was made of it. */
export interface StoryLink {
  /**
   * `to`: the target of the consumer. `reply`: the event that the target answered with. `dead
   * letter`: the event was given up. `window`: made of many events. `end`: of a FanOut's job.
   */
  readonly how: 'to' | 'reply' | 'dead letter' | 'window' | 'end';
  readonly by: ConsumerName;
  /** The resource that it is in. */
  readonly of: StoryPlace;
  /** `<partition>-<offset>` of an event or an input, or the id of a job. Absent for many events. */
  readonly id?: string;
  readonly eventId?: string;
  readonly type?: string;
  /** RFC 3339: when it was appended. */
  readonly at?: string;
}

/** How far the log was searched, where that is not to the end. */
export interface StoryUnread {
  readonly of: StoryPlace;
  readonly partition: number;
  /** RFC 3339: when the record was appended at which the search stopped. */
  readonly at: string;
}

/** The event that a person sent again as this one. */
export interface StoryRepeat {
  readonly eventId: string;
  readonly source: string;
  /** The Topic of the namespace, and `<partition>-<offset>`. Absent where it is there no more. */
  readonly at?: { readonly topic: string; readonly place: string };
  /** The consumer that alone takes it, such as `Subscription/shop/receipts`; absent: all do. */
  readonly only?: string;
}

export interface EventStory {
  readonly event: TopicEvent;
  readonly repeats?: StoryRepeat;
  /** The traces that it belongs to: they have the times of all calls. */
  readonly traces?: readonly string[];
  /** Why it waits where it takes longest to go on, in a sentence for people. */
  readonly because?: string;
  readonly consumers: readonly ConsumerStory[];
  /** Further consumers, in namespaces that the caller may not view. */
  readonly hidden?: number;
  /** The events that it was made of. */
  readonly cameFrom: readonly StoryLink[];
  /** Partitions whose earlier records were not searched; `fromBefore` goes on there. */
  readonly unreadBefore?: readonly StoryUnread[];
  readonly ledTo: readonly StoryLink[];
  /** More that it led to, beyond those of `ledTo`. */
  readonly moreLedTo?: number;
  /** Partitions whose later records were not searched; `ledSince` goes on there. */
  readonly unreadAfter?: readonly StoryUnread[];
}

export interface StoryQuery {
  /** RFC 3339: search only from then on for what it led to. */
  readonly ledSince?: string | undefined;
  /** RFC 3339: search only before that for what it came from. */
  readonly fromBefore?: string | undefined;
}

/** The call to the address that a job's sender named, which tells how the job has ended. */
export interface CallbackStory extends Omit<ConsumerStory, 'consumer'> {
  /** The state of the job that it tells. */
  readonly tells: string;
  /** Scheme, host and path of the address. */
  readonly to?: string;
  /** RFC 3339: when it was put into the log; absent where that is not known any more. */
  readonly owedAt?: string;
}

/** An item of a FanOut's job that waits for another attempt. */
export interface ParkedItem
  extends Pick<ConsumerStory, 'attempts' | 'behind' | 'nextAttemptAt' | 'error' | 'status' | 'cause'> {
  readonly index: number;
}

/** An item of a FanOut's job that is done. */
export interface TimedItem {
  readonly index: number;
  readonly took: StoryAttempt;
}

/** Items of a FanOut's job of which there is something to be said. */
export interface JobItems {
  /** The first that were given up. */
  readonly failed: readonly FailedItem[];
  readonly moreFailed?: number;
  /** The items with the most attempts come first. */
  readonly parked: readonly ParkedItem[];
  readonly moreParked?: number;
  /**
   * The items that took longest, of those whose times processes remember. Absent where nobody
   * remembers any, and where each item is a job of its own.
   */
  readonly slowest?: readonly TimedItem[];
  /** The number of items of which a time is remembered. */
  readonly timed?: number;
}

export interface StoryJobName {
  readonly kind: 'Queue' | 'FanOut';
  readonly namespace: string;
  readonly name: string;
}

export interface JobStory extends Omit<EventStory, 'event'> {
  readonly of: StoryJobName;
  /** A job whose attempt was lost is `waiting`, whatever its last worker has written. */
  readonly job: JobSummary | FanOutSummary;
  /** The event that it was made of; absent where the log keeps it no longer. */
  readonly event?: TopicEvent;
  /** `endpoint`: a request brought it. Absent where the log keeps its record no longer. */
  readonly acceptedBy?: 'endpoint' | 'consumer' | 'upload';
  /** The owner, where the job is not that of the whole namespace. */
  readonly owner?: string;
  /** Worked under this id: its event was appended twice. */
  readonly sameAs?: string;
  /** A caller has asked for its end. */
  readonly cancelAsked?: true;
  /** The call for its end, where the audit log says that. */
  readonly cancelledBy?: StoryDeed;
  /** For a FanOut: the newest redrive of the whole job, where the audit log says that. */
  readonly redrivenBy?: StoryDeed;
  /** A sentence for people beside the job. */
  readonly note?: string;
  /** RFC 3339: when its worker lost the partition in the midst of an attempt. */
  readonly attemptLostAt?: string;
  readonly result?: { readonly status: number; readonly contentType?: string; readonly bytes: number };
  /** RFC 3339: its state and its result are kept until then. */
  readonly keptUntil?: string;
  /** One for each of its ends. */
  readonly callbacks?: readonly CallbackStory[];
  readonly items?: JobItems;
}

/** Throws as `EventControl` does. */
export interface StoryControl {
  /** `id`: `<partition>-<offset>` of the event. */
  tell(namespace: string, topic: string, id: string, query: StoryQuery, signal: AbortSignal): Promise<EventStory>;
  /** `gone` for a job of a FanOut that is not remembered any more. */
  tellJob(of: StoryJobName, id: string, query: StoryQuery, signal: AbortSignal): Promise<JobStory>;
}
