// Dead letters in the admin API: lists of them, groups by cause, and commands for some or many.
import type { Cause } from '../../core/cause.ts';
import type { ConsumerName } from '../consumer-name.ts';
import type { Page } from '../page.ts';

export interface DeadLetterSummary {
  /** `<partition>-<offset>`, unique within its consumer. */
  readonly id: string;
  readonly consumer: ConsumerName;
  readonly key: string | null;
  readonly reason: string;
  /** Why the last attempt failed, for people. */
  readonly error: string;
  readonly status?: number;
  /** As the function told it to the platform. */
  readonly cause?: Cause;
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
  /** How many sensitive values are shown as `***`. */
  readonly masked?: number;
  /** Why the data is not shown: its sensitive fields cannot be masked. */
  readonly notShown?: string;
}

/** A consumer that may give events up: also a View, a Pipeline, or a part of one. */
export interface DeadLetterOwner extends ConsumerName {
  readonly deadLetters: number;
}

export interface DeadLetterPage extends Page<DeadLetterSummary> {
  /**
   * The number that a later release has written, whatever the query: they are not among these. In
   * the pages of one list, each is counted once.
   */
  readonly later?: number;
  /** The number of older ones that there is no room for in a list, counted in the same way. */
  readonly omitted?: number;
}

export interface DeadLetterFilter {
  readonly key?: string;
  readonly reason?: string;
  /** Only those whose key waits for a person, or only those whose key does not. */
  readonly held?: boolean;
  /** Only those given up at least, or at most, so long ago, milliseconds. */
  readonly olderThanMs?: number;
  readonly newerThanMs?: number;
  /** The id of a group. */
  readonly group?: string;
  /** Only those of groups whose cause has this text in it. */
  readonly text?: string;
}

export interface DeadLetterQuery extends DeadLetterFilter {
  readonly consumer?: ConsumerName;
  /** All consumers in the namespace, where none is named. */
  readonly namespace?: string;
  /** Only those in these namespaces. Without it in all. */
  readonly visible?: ((namespace: string) => boolean) | undefined;
  readonly limit: number;
  /** The `next` of an earlier answer. */
  readonly after?: string;
}

/** Dead letters with the same cause. */
export interface DeadLetterGroup {
  /** The same in every process, and good for queries and commands. */
  readonly id: string;
  /** The cause, with numbers, ids and quoted values masked. */
  readonly cause: string;
  readonly count: number;
  /** When the first and the last of them were given up, RFC 3339. */
  readonly first: string;
  readonly last: string;
  /** The last of them. */
  readonly sample?: DeadLetterSummary;
}

export interface DeadLetterGroupQuery extends DeadLetterFilter {
  readonly consumer: ConsumerName;
  readonly limit: number;
}

export interface DeadLetterGroupPage {
  /** The group with the most dead letters comes first. */
  readonly items: readonly DeadLetterGroup[];
  /** The groups beyond the limit, and their dead letters. */
  readonly more?: { readonly groups: number; readonly letters: number };
  /** As of a list. */
  readonly later?: number;
  readonly omitted?: number;
}

/** An action on dead letters: some by id, or all that the query finds. */
export interface DeadLetterCommand {
  readonly action: 'redrive' | 'skip' | 'purge';
  readonly consumer: ConsumerName;
  readonly ids?: readonly string[];
  readonly query?: DeadLetterFilter;
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
  /** In the same way: the number of older ones that one command does not reach. */
  readonly omitted?: number;
}
