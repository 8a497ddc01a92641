// An event whose story is told, and what the story is read from.
import { PASSING_HOLDS } from '../../../admin/failure-view.ts';
import type { ConsumerStory } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { DeadLetterControl } from '../control/dead-letter-control.ts';
import type { FunctionHolds } from '../reports/held-up.ts';
import type { SharedDeliveries } from '../reports/shared-deliveries.ts';

/** An event, and where it stands. */
export interface Told {
  /** In the log. */
  readonly topic: string;
  readonly partition: number;
  readonly record: LogRecord;
  readonly signal: AbortSignal;
}

export interface StoryDeps {
  readonly log: Pick<EventLog, 'bounds' | 'offsetAt' | 'positions' | 'read'>;
  readonly store: Pick<Store, 'position' | 'row' | 'scan'>;
  readonly letters: Pick<DeadLetterControl, 'deadLetter' | 'decision' | 'ofGroup'>;
  /** Reads that may take much memory come one after the other. */
  readonly inTurn?: InTurn;
  /** When events were handled, as far as processes remember that. */
  readonly deliveries?: Pick<SharedDeliveries, 'find'> | undefined;
  /** The state of Functions now, as this process knows it. */
  heldFunctions?(): FunctionHolds;
}

export type InTurn = <T>(read: () => Promise<T>) => Promise<T>;

export function readInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return read => {
    const mine = last.then(read, read);
    last = mine;
    return mine;
  };
}

export type Fated = Omit<ConsumerStory, 'consumer'>;

/** The fate, with the hold of these Functions where the event waits for one of them. */
export function withHeldCall(
  fated: Fated,
  namespace: string,
  names: readonly string[],
  { heldFunctions }: Pick<StoryDeps, 'heldFunctions'>,
): Fated {
  if (fated.fate !== 'waiting' && fated.fate !== 'parked') return fated;
  const heldUp = heldFunctions?.()(namespace, names);
  // An attempt of its own comes at its time.
  if (heldUp === undefined || (fated.fate === 'parked' && PASSING_HOLDS.has(heldUp.by))) return fated;
  return { ...fated, heldUp };
}

/** One consumer does not hide what became of the event at the others. */
const OF_ONE_CONSUMER: ReadonlySet<string> = new Set(['later-release', 'query-too-large', 'data-corrupt', 'gone']);

/** The fates, or one that says why they cannot be known. */
export async function orUnknown<T>(ask: () => Promise<T>, unknown: (fated: Fated) => T): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof TenfoldError && OF_ONE_CONSUMER.has(error.code))) throw error;
    return unknown({ fate: 'unknown', note: error.message });
  }
}

export function notFound(error: unknown): undefined {
  if (!(error instanceof TenfoldError) || error.code !== 'not-found') throw error;
}
