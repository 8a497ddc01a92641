// How people read the dead letters of a group, and what they order for one.
import type { TenfoldError } from '../../../core/errors.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetter } from '../settings.ts';
import type { LetterMark } from './dead-letter-codec.ts';
import type { FoundLetters, LetterGroups, LetterPage } from './found-letters.ts';
import type { LetterDecision } from './letter-index.ts';
import type { LetterFilter } from './letter-query.ts';

export interface DeadLetterOptions {
  /** Letters on a page. */
  readonly most?: number;
  /** How long lists and groups wait for a first reading. */
  readonly patienceMs?: number;
  /**
   * The topic that the group reads. With it an order waits until it is known whether another one
   * overtook it.
   */
  readonly source?: string | undefined;
  /**
   * Why nothing can be redriven: the letters are those of a fold. Its order is that of its topics,
   * and no dispatcher owns them. People can read and purge them.
   */
  readonly final?: string | undefined;
  /** Called when a later release has written some. */
  readonly problem?: ((message: string, error: unknown) => void) | undefined;
}

export interface LetterOrder {
  readonly id: string;
  /** Refused where the letter is of another generation by now. */
  readonly generation?: number | undefined;
  readonly change?: Pick<LogRecord, 'value' | 'headers'> | undefined;
}

/** The fate of a letter. `change`: the data and headers that replace those of the event. */
export type LetterVerb = 'redrive' | 'skip' | 'purge';

export interface DeadLetters {
  /** How many there are now, with those of a later release. */
  count(signal?: AbortSignal): Promise<number>;
  /** In the order in which they were given up, the oldest first. */
  list(filter: LetterFilter, limit: number, after?: string, signal?: AbortSignal): Promise<LetterPage>;
  groups(filter: LetterFilter, limit: number, signal?: AbortSignal): Promise<LetterGroups>;
  /** All that there are now, in the order of the log: so events of one key keep theirs. */
  find(filter: LetterFilter, signal?: AbortSignal): Promise<FoundLetters>;
  /**
   * The decision of a person about each, as of its generation. Undefined: there is none, or it is
   * forgotten.
   */
  decisions(
    letters: readonly { readonly id: string; readonly as: number }[],
    signal?: AbortSignal,
  ): Promise<readonly (LetterMark | undefined)[]>;
  /** The newest decision about a letter, as of the last `read`. Undefined as of `decisions`. */
  decision(id: string): LetterDecision | undefined;
  /**
   * `not-found` when there is no letter with this id (`<partition>-<offset>`), or no more;
   * `later-release` when a later release has written it.
   */
  read(id: string, signal?: AbortSignal): Promise<DeadLetter>;
  /**
   * Durable when it resolves. The owner of the partition carries it out, in the key's order.
   * `change`: with these data and headers instead.
   */
  redrive(id: string, change?: Pick<LogRecord, 'value' | 'headers'>): Promise<void>;
  /** Lets the key go on behind a held event. `conflict` when it is not held. */
  skip(id: string): Promise<void>;
  purge(id: string): Promise<void>;
  /**
   * Orders many at once, in one append and in this order. Returns for each why nothing comes of it,
   * undefined for the others. With `source` it is `conflict` when another order overtook it, and
   * `not-ready` while no worker has said so. Rejects when the log takes
   * none; after `log-unavailable` any of them may be there.
   */
  order(
    verb: LetterVerb,
    orders: readonly LetterOrder[],
    signal?: AbortSignal,
  ): Promise<readonly (TenfoldError | undefined)[]>;
}
