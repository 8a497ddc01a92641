// An event whose story is told, and what the story is read from.
import { PASSING_HOLDS } from '../../../admin/failure-view.ts';
import type { ConsumerStory, StoryAttempt } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { slowestOf } from '../../../worker/deliver/recent-deliveries.ts';
import type { DeadLetterControl } from '../control/dead-letter-control.ts';
import type { FunctionHolds } from '../reports/held-up.ts';
import type { KnownDelivery, SharedDeliveries } from '../reports/shared-deliveries.ts';

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
  readonly deliveries?: Pick<SharedDeliveries, 'find' | 'itemsOf'> | undefined;
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

/** Answers of others may take some time: they are asked for beside what else a story reads. */
export type AskedDelivery = Promise<KnownDelivery | undefined>;

/** The slowest of several that processes remember. Undefined where nobody is asked. */
export function askSlowest(
  { deliveries }: Pick<StoryDeps, 'deliveries'>,
  group: string,
  partition: number,
  records: readonly LogRecord[],
): AskedDelivery | undefined {
  if (deliveries === undefined) return undefined;
  const asked = records.map(({ offset }) => deliveries.find({ group, partition, offset }));
  return Promise.all(asked).then(
    all =>
      slowestOf(
        all.filter(each => each !== undefined),
        1,
      )[0],
  );
}

/** The fate with the time of the delivery, where processes are asked and the event is done. */
export async function withTook<T extends Fated>(fated: T, asked: AskedDelivery | undefined): Promise<T> {
  if (fated.fate !== 'done' || asked === undefined) return fated;
  const known = await asked;
  return { ...fated, took: known === undefined ? 'unknown' : attemptOf(known) };
}

export function attemptOf({ startedAt, ms, attempt, together, host }: KnownDelivery): StoryAttempt {
  const one = { startedAt: toTimestamp(startedAt), ms: Math.round(ms * 10) / 10, attempt };
  return { ...one, ...(together > 1 ? { together } : {}), host };
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
