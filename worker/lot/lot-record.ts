// What is written to a lot: claims of owners, what became of parked events, and commands from people.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Failure } from '../deliver/destination.ts';
import type { DeathReason } from '../dispatch/settings.ts';

/** An owner says that the partition is its own from here on. Its offset is the claim's name. */
export interface Claim {
  readonly type: 'claim';
  /** Tells the writer which one is its own when it comes back. */
  readonly nonce: string;
  /** What was done then, of an owner that claims anew: only so may the lot be trimmed up to here. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** As in a commit. */
export interface Checkpoint {
  readonly position: number;
  readonly top: number;
  readonly holes: readonly number[];
}

/** An event waits here for its next attempt, the first one included. Parked again: it has moved to the lot's end. */
export interface Park {
  readonly type: 'park';
  readonly event: number;
  readonly generation: number;
  readonly attempts: number;
  /** Not before, milliseconds since 1970, by the writer's clock. */
  readonly at: number;
  /** How long that was from the time of writing; bounds the wait when clocks disagree. */
  readonly wait: number;
  /** When it failed for the first time by itself, by the log's clock; undefined: not yet, or an earlier release wrote this. */
  readonly since?: number | undefined;
  readonly error?: Failure | undefined;
  /** Offset of the command that this carries out. */
  readonly command?: number | undefined;
  /** Moved while its key waits for a person. */
  readonly hold?: Hold | undefined;
  readonly record: LogRecord;
}

export interface Hold {
  readonly reason: DeathReason;
  readonly since: number;
  /** Its dead letter has been confirmed. */
  readonly buried: boolean;
}

/** An attempt at a parked event failed; there will be another. */
export interface Retry {
  readonly type: 'retry';
  readonly event: number;
  readonly attempts: number;
  readonly at: number;
  readonly wait: number;
  readonly since?: number | undefined;
  readonly error?: Failure | undefined;
}

/** A parked event was handled. */
export interface Done {
  readonly type: 'done';
  readonly event: number;
}

/** An event was given up. Parked or not: with `record` when it was not. */
export interface Dead {
  readonly type: 'dead';
  readonly event: number;
  readonly generation: number;
  readonly attempts: number;
  readonly reason: DeathReason;
  /** When, milliseconds since 1970. */
  readonly since: number;
  /** Its key waits for a person. */
  readonly held: boolean;
  readonly error?: Failure | undefined;
  readonly command?: number | undefined;
  readonly record?: LogRecord | undefined;
}

/** The dead letter is in its topic, and whoever had to know knows. */
export interface Buried {
  readonly type: 'buried';
  readonly event: number;
  readonly generation: number;
  readonly held: boolean;
}

/** Everything that a command asked for has been done. */
export interface Acked {
  readonly type: 'acked';
  readonly command: number;
}

export type CommandVerb = 'redrive' | 'skip' | 'purge' | 'cancel';

/** Written by anyone, acted on by the owner alone. */
export interface Command {
  readonly type: 'command';
  readonly verb: CommandVerb;
  readonly event: number;
  readonly generation: number;
  /** Where its letter lies in the topic of dead letters; `redrive` only. */
  readonly letter?: number | undefined;
  /** Up to where the asker had read the topic of dead letters. `redrive` only; undefined of an earlier release. */
  readonly asOf?: number | undefined;
  /** The event as it shall be tried again, when it was changed; `redrive` only. */
  readonly record?: LogRecord | undefined;
}

/** What only an owner may write. */
export type OwnersRecord = Park | Retry | Done | Dead | Buried | Acked;

/** The owner's claim, and the place of the record among all that it wrote under it, from 1. */
export interface Signed {
  readonly claim: number;
  readonly seq: number;
}

export type LotRecord = Claim | Command | (OwnersRecord & Signed);
