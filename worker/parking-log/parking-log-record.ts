// The records of a parking log: claims of owners, what became of parked events, and commands from
// people.

import type { Failure } from '../../core/failure.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { FailureReason } from '../dispatch/failed-attempt.ts';
import type { DeathReason } from '../dispatch/settings.ts';

/** An owner says that the partition is its own from here on. Its offset is the claim's name. */
export interface Claim {
  readonly type: 'claim';
  /** The writer recognises its own claim by it when the claim comes back. */
  readonly nonce: string;
  /**
   * The state at the moment of a new claim of an owner. Only with it may the parking log be
   * trimmed up to this claim.
   */
  readonly checkpoint?: Checkpoint | undefined;
}

/** The same as in a commit. */
export interface Checkpoint {
  readonly position: number;
  readonly top: number;
  readonly holes: readonly number[];
}

/**
 * An event waits here for its next attempt, the first one included. A second park has moved it to
 * the parking log's end.
 */
export interface Park {
  readonly type: 'park';
  readonly event: number;
  readonly generation: number;
  readonly attempts: number;
  /** Earliest time, milliseconds since 1970, by the writer's clock. */
  readonly at: number;
  /** The wait from the time of writing; it bounds the wait when clocks disagree. */
  readonly wait: number;
  /**
   * Time of its first failure by itself, by the log's clock; undefined: not yet, or an earlier
   * release wrote this.
   */
  readonly since?: number | undefined;
  readonly error?: Failure | undefined;
  /** How the newest attempt failed; undefined: none did, or an earlier release wrote this. */
  readonly failed?: FailureReason | undefined;
  /** Offset of the command that this carries out. */
  readonly command?: number | undefined;
  /** The record was moved while its key waits for a person. */
  readonly hold?: Hold | undefined;
  readonly record: LogRecord;
}

export interface Hold {
  readonly reason: DeathReason;
  readonly since: number;
  /** Its dead letter has been confirmed. */
  readonly deadLettered: boolean;
}

/** An attempt at a parked event failed, or a person asked for the next one; there will be one. */
export interface Retry {
  readonly type: 'retry';
  readonly event: number;
  readonly attempts: number;
  readonly at: number;
  readonly wait: number;
  readonly since?: number | undefined;
  readonly error?: Failure | undefined;
  readonly failed?: FailureReason | undefined;
  readonly command?: number | undefined;
}

/** A parked event was handled. */
export interface DoneRecord {
  readonly type: 'done';
  readonly event: number;
}

/** An event was given up. `record` is there when it was not parked. */
export interface Dead {
  readonly type: 'dead';
  readonly event: number;
  readonly generation: number;
  readonly attempts: number;
  readonly reason: DeathReason;
  /** Time, milliseconds since 1970. */
  readonly since: number;
  /** Its key waits for a person. */
  readonly held: boolean;
  readonly error?: Failure | undefined;
  readonly command?: number | undefined;
  readonly record?: LogRecord | undefined;
}

/** The dead letter is in its topic, and its handlers have been called. */
export interface DeadLettered {
  readonly type: 'dead-lettered';
  readonly event: number;
  readonly generation: number;
  readonly held: boolean;
}

/**
 * `done`: carried out. `unknown`: of a later release, and left alone. The others say why a command
 * for a parked event had no effect: it was handled or given up before (`ended`), a person must
 * decide about it (`held`), it is being attempted (`running`), an earlier event of its key waits
 * (`not-first`), or no attempt at it has failed yet (`not-failed`). For a dead letter: another
 * command was carried out first (`overtaken`), or retention has deleted it (`gone`).
 */
export type CommandOutcome =
  | 'done'
  | 'unknown'
  | 'ended'
  | 'held'
  | 'running'
  | 'not-first'
  | 'not-failed'
  | 'overtaken'
  | 'gone';

/** All effects of a command are done. */
export interface Acked {
  readonly type: 'acked';
  readonly command: number;
  /** For all but `cancel`. Undefined also where an earlier release wrote it. */
  readonly outcome?: CommandOutcome | undefined;
}

/**
 * The last two are for parked events: `retry` makes the next attempt now, `give-up` makes a dead
 * letter of the event.
 */
export const commandVerbs = ['redrive', 'skip', 'purge', 'cancel', 'retry', 'give-up'] as const;

export type CommandVerb = (typeof commandVerbs)[number];

/** Anyone may write it; the owner alone acts on it. */
export interface Command {
  readonly type: 'command';
  readonly verb: CommandVerb;
  readonly event: number;
  /**
   * -1 for `retry` and `give-up`: a release that does not know them leaves an event alone that is
   * ahead of its command.
   */
  readonly generation: number;
  /** Generation of the parked event; `retry` and `give-up` only. */
  readonly parkedAs?: number | undefined;
  /** The offset of its letter in the topic of dead letters; `redrive` only. */
  readonly letter?: number | undefined;
  /**
   * The offset up to which the sender had read the topic of dead letters. `redrive` only; undefined
   * of an earlier release.
   */
  readonly asOf?: number | undefined;
  /** The event as it shall be tried again, when it was changed; `redrive` only. */
  readonly record?: LogRecord | undefined;
}

/** The records that only an owner may write. */
export type OwnersRecord = Park | Retry | DoneRecord | Dead | DeadLettered | Acked;

/** The owner's claim, and the number of the record among all that it wrote under it, from 1. */
export interface Signed {
  readonly claim: number;
  readonly seq: number;
}

export type ParkingLogRecord = Claim | Command | (OwnersRecord & Signed);
