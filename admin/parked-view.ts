// Parked events in the admin API: the keys that wait, with the event at the head of each.
import type { Cause } from '../core/cause.ts';
import type { ConsumerName } from './consumer-name.ts';
import type { Page } from './page.ts';

/**
 * `retrying`: an attempt failed, and there will be another. `waiting`: no attempt has failed yet;
 * the event waits for its time or its turn. `held`: a person must decide.
 */
export type ParkedState = 'retrying' | 'waiting' | 'held';

export interface ParkedEvent {
  /** `<partition>-<offset>`, unique within its consumer; the same as that of a dead letter. */
  readonly id: string;
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly state: ParkedState;
  readonly attempts: number;
  /** Time of its first failure, else since when it is parked. RFC 3339. */
  readonly since: string;
  /** RFC 3339; it may lie in the past. Undefined for a held event. */
  readonly nextAttemptAt?: string;
  /** How the newest attempt failed: a code, such as `TargetFailed` or `Timeout`. */
  readonly reason?: string;
  /** Why the newest attempt failed, for people. */
  readonly error?: string;
  readonly status?: number;
  /** As the function told it to the platform. */
  readonly cause?: Cause;
}

/** A key whose events wait, with the event at its head: the others wait for that one. */
export interface ParkedKey extends ParkedEvent {
  readonly consumer: ConsumerName;
  readonly partition: number;
  /** Of the event. A consumer without order by key has each event, or each partition, by itself. */
  readonly key: string | null;
  /** Events that wait, with the one at the head. */
  readonly events: number;
}

export interface ParkedPage extends Page<ParkedKey> {
  /** Partitions that could not be read. In the pages of one list, each is named once. */
  readonly unread?: readonly UnreadPartition[];
}

export interface UnreadPartition {
  readonly consumer: ConsumerName;
  readonly partition: number;
  readonly message: string;
}

export interface ParkedDetail extends ParkedKey {
  /** The head in the JSON format of CloudEvents; undefined where the record is none. */
  readonly event: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** The data as text when it is UTF-8 and not too large, else its size. */
  readonly data: { readonly text: string } | { readonly bytes: number };
  /** Both are as in a dead letter. */
  readonly masked?: number;
  readonly notShown?: string;
  /** All events of the key in their order, the head first. */
  readonly waiting: Page<ParkedEvent>;
}

export interface ParkedFilter {
  readonly key?: string;
  /** How the newest attempt at the head failed. */
  readonly reason?: string;
  /** Stands in the error of the newest attempt at the head, in either case of its letters. */
  readonly text?: string;
  /** Only keys whose head waits at least, or at most, so long, milliseconds. */
  readonly olderThanMs?: number;
  readonly newerThanMs?: number;
}

export interface ParkedQuery extends ParkedFilter {
  readonly consumer?: ConsumerName;
  /** All consumers in the namespace, where none is named. */
  readonly namespace?: string;
  /** Only those in these namespaces. Without it in all. */
  readonly visible?: ((namespace: string) => boolean) | undefined;
  readonly limit: number;
  /** The `next` of an earlier answer. */
  readonly after?: string;
}

/** `retry` makes the next attempt now. `give-up` makes dead letters of events. */
export interface ParkedCommand {
  readonly action: 'retry' | 'give-up';
  readonly consumer: ConsumerName;
  /** Events, each at the head of its key. */
  readonly ids?: readonly string[];
  /** The heads of all keys that it finds and whose state is `retrying`. */
  readonly query?: ParkedFilter;
  /** `give-up`: all events of the keys that wait now. Any event may name its key then. */
  readonly wholeKey?: boolean;
}

export interface ParkedProgress {
  /** Events for which it was carried out. */
  readonly taken: number;
  /** The order for so many is durable, and no owner has said yet what it came to. */
  readonly unconfirmed: number;
  /** Their ids, at the end. */
  readonly open?: readonly string[];
  /** The failures since the last report, and at the end all of them. */
  readonly failed: readonly { readonly id: string; readonly message: string }[];
  /** How many there were up to now. */
  readonly total: number;
  /** Partitions that could not be read, at the end. */
  readonly unread?: readonly UnreadPartition[];
}

/** Throws as `EventControl` does. */
export interface ParkedControl {
  list(query: ParkedQuery, signal?: AbortSignal): Promise<ParkedPage>;
  /** `id`: of any event of the key. */
  read(
    consumer: ConsumerName,
    id: string,
    page: { readonly limit: number; readonly after?: string },
    signal?: AbortSignal,
  ): Promise<ParkedDetail>;
  command(
    command: ParkedCommand,
    progress: (progress: ParkedProgress) => void,
    signal: AbortSignal,
  ): Promise<ParkedProgress>;
}
