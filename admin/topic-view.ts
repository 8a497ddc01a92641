// Events of Topics in the admin API: read page by page, followed as they come, or found by one of
// their names.
import type { Page } from './page.ts';

/** Bounds of one request, which the admin API checks and people are told. */
export const topicLimits = {
  /** Most events of one page, and of `last`. */
  events: 1000,
  /** Bytes of data that are shown of an event, unless a request asks for others, and the most. */
  dataBytes: 16 * 1024,
  mostDataBytes: 1024 * 1024,
  /** Most characters of a filter. */
  filter: 8000,
} as const;

/** Conditions that all must hold of an event. */
export interface TopicSelection {
  /** An expression as in `filter` of a Subscription, with or without `${…}`. */
  readonly filter?: string | undefined;
  readonly key?: string | undefined;
  /** The `id` of the event. */
  readonly id?: string | undefined;
  /** Only this partition. */
  readonly partition?: number | undefined;
  /** Bytes of data that are shown of each event. */
  readonly dataBytes?: number | undefined;
}

export interface TopicQuery extends TopicSelection {
  /**
   * `earliest` (the default), `latest`, a time (RFC 3339), the place of an event such as `3-17`, or
   * the `position` of an earlier answer.
   */
  readonly from?: string | undefined;
  /** The `next` of an earlier answer; in place of `from`. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface FollowQuery extends TopicSelection {
  /** As in `TopicQuery`; `latest` by default. */
  readonly from?: string | undefined;
  /** In place of `from`: begins with so many events that are there already. */
  readonly last?: number | undefined;
  /** False: the answer ends with those that are there. Default true. */
  readonly follow?: boolean | undefined;
}

export interface TopicEvent {
  readonly partition: number;
  readonly offset: number;
  /** RFC 3339, by the clock of the log. Absent where the log does not know. */
  readonly appendedAt?: string;
  readonly key: string | null;
  readonly id?: string;
  readonly type?: string;
  readonly source?: string;
  readonly subject?: string;
  /** As the event says. */
  readonly time?: string;
  /** The other attributes of the event. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Headers of the record that are no attributes. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** Whole JSON data. */
  readonly data?: unknown;
  /** Data that is text, or the beginning of data that is too long. */
  readonly text?: string;
  /** Other data. */
  readonly base64?: string;
  /** How many sensitive values are shown as `***`. */
  readonly masked?: number;
  /** Why the data is not shown: its sensitive fields cannot be masked. */
  readonly notShown?: string;
  /** Size of the data, before it was masked. */
  readonly bytes: number;
  /** `text` or `base64` has only the beginning of the data. */
  readonly truncated?: true;
  /** Why the record cannot be read as an event. */
  readonly unreadable?: string;
}

/** A filter could not decide about these events. A Subscription makes dead letters of them. */
export interface UndecidedEvents {
  readonly count: number;
  /** `<partition>-<offset>` of the first. */
  readonly first: string;
  readonly message: string;
}

/** How far a list has come, and which events it lacks. */
export interface ScanReport {
  /** Can be given as `from`, to this list or to another. */
  readonly position: string;
  /** Offsets that the list has passed, of those that were there when it began. */
  readonly progress: { readonly done: number; readonly total: number };
  /** Events that this answer looked at. */
  readonly scanned: number;
  /** Offsets that retention took before they were read. */
  readonly expired?: number;
  readonly undecided?: UndecidedEvents;
}

export interface TopicEventPage extends Page<TopicEvent>, ScanReport {
  /**
   * Why the page ends: `end` of what was there when the list began, or a bound of this answer:
   * `limit`, or how many `records`, `bytes` or how much `time` a request may take. There is a
   * `next` for all but `end`.
   */
  readonly ended: 'end' | 'limit' | 'records' | 'bytes' | 'time';
}

/** The lines of an answer that follows a topic. */
export type TopicLine =
  | { readonly kind: 'event'; readonly event: TopicEvent }
  /** How far it is, at least every 15 s; also as a sign of life. */
  | ({ readonly kind: 'at'; readonly at: string } & ScanReport)
  /** The search for `last` ended before it had found so many. */
  | { readonly kind: 'incomplete'; readonly found: number; readonly scanned: number }
  /** The end of an answer that does not follow. */
  | ({ readonly kind: 'done' } & ScanReport);

/**
 * Throws `not-found` for a Topic that is none, `bad-request` for a place that is none,
 * `invalid-expression` for a filter, `not-ready` for a topic that the log has not made yet,
 * `overloaded` and `log-unavailable`.
 */
export interface TopicEventControl {
  list(namespace: string, topic: string, query: TopicQuery, signal: AbortSignal): Promise<TopicEventPage>;
  /** Ends when the signal says so; throws `shutting-down` when the platform ends. */
  follow(namespace: string, topic: string, query: FollowQuery, signal: AbortSignal): AsyncGenerator<TopicLine>;
}

/** Exactly one of `id`, `key`, `trace` and `job`. */
export interface FindQuery {
  readonly namespace: string;
  /** Only this Topic, or only this Queue. Without either all of the namespace. */
  readonly topic?: string | undefined;
  readonly queue?: string | undefined;
  /** The `id` of the event. Events of several sources may have the same. */
  readonly id?: string | undefined;
  /** With `id`: only of this source. */
  readonly source?: string | undefined;
  readonly key?: string | undefined;
  /** 32 hex digits: of the request that brought the event, or of the event itself. */
  readonly trace?: string | undefined;
  /** The id of a job of a Queue or a FanOut. */
  readonly job?: string | undefined;
  /** Only events that were appended then or later, or before, milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit: number;
  /** The `next` of an earlier answer. */
  readonly after?: string | undefined;
}

export interface EventOwner {
  /** A FanOut has jobs, which are found by their ids alone. */
  readonly kind: 'Topic' | 'Queue' | 'FanOut';
  readonly namespace: string;
  readonly name: string;
}

export interface FoundEvent {
  readonly owner: EventOwner;
  /** The id of the job, where the event is one. */
  readonly job?: string;
  readonly partition: number;
  readonly offset: number;
  /** RFC 3339, by the clock of the log. Absent where the log does not know. */
  readonly appendedAt?: string;
  readonly key: string | null;
  readonly id?: string;
  readonly type?: string;
  readonly source?: string;
  /** Traces that it belongs to. */
  readonly traces: readonly string[];
}

/** How far it has looked in a Topic or a Queue, from the newest event back. */
export interface LookedIn {
  readonly owner: EventOwner;
  /** Offsets of what was asked for, and how many of them are done with. */
  readonly done: number;
  readonly total: number;
}

/** The newest comes first, among those that one answer has looked at. */
export interface FoundPage extends Page<FoundEvent> {
  /**
   * Why the page ends: `end` of all that was asked for, or a bound of this answer: `limit`, or how
   * many `records`, `bytes` or how much `time` a request may take. There is a `next` for all but
   * `end`.
   */
  readonly ended: 'end' | 'limit' | 'records' | 'bytes' | 'time';
  readonly looked: readonly LookedIn[];
  /** Topics and Queues that it has not begun with. */
  readonly rest: number;
  /** Events that this answer read. */
  readonly scanned: number;
  /** Offsets that no index knows yet, so that this answer had to read them. */
  readonly unindexed: number;
}

/**
 * Throws `not-found` for a Topic or a Queue that is none, `bad-request` for a wrong `after`,
 * `overloaded` and `log-unavailable`.
 */
export interface FindControl {
  find(query: FindQuery, signal: AbortSignal): Promise<FoundPage>;
}
