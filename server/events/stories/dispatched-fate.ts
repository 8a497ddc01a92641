// Finds out the fate of an event at a dispatcher from its commits, its parking log and its dead
// letters.
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { toTimestamp } from '../../../core/world.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import type { Commit } from '../../../worker/parking-log/commit.ts';
import type { ParkingLogEntry } from '../../../worker/parking-log/fold-parking-log.ts';
import { parkedLanesOf, parkedSince } from '../../../worker/parking-log/parked-lanes.ts';
import { openParkedReaders, type ParkedReader } from '../../../worker/parking-log/parked-reader.ts';
import { decodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import { restart } from '../../../worker/parking-log/take-over.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { parkedBecause } from './because.ts';
import { fateInLetters, type LetterSource, lettersAbout } from './letter-fate.ts';
import { CLOCKS_DIFFER_MS } from './log-scan.ts';
import type { Fated, StoryDeps, Told } from './told.ts';

/** A part of the platform that takes events by a dispatcher. */
export interface Dispatched extends Pick<DispatchSettings, 'group' | 'order' | 'from'> {
  readonly letters: LetterSource;
  isLeftOut(record: LogRecord): boolean;
}

const FORGOTTEN = 'It was handled, or given up so long ago that its dead letter is kept no longer.';
const BEHIND = 'It was handled, or the consumer began to read after it.';
const DONE: Fated = { fate: 'done' };
/** A parking log with more records behind the commit may take much memory. */
const LONG = 10_000;
const ONE = { maxRecords: 1, maxBytes: 1 };

/** The fate at a consumer of the plan. */
export async function fateOfConsumer(plan: ConsumerPlan, told: Told, deps: StoryDeps): Promise<Fated> {
  const { partition, record } = told;
  if (record.offset >= (plan.until?.get(partition) ?? Number.POSITIVE_INFINITY)) {
    return { fate: 'filtered', note: 'The replay ends before it.' };
  }
  const { group, order, from } = plan.settings;
  const letters = lettersAbout(deps.letters, nameOfConsumer(plan), `${partition}-${record.offset}`);
  return dispatchedFate({ group, order, from, letters, isLeftOut: each => isLeftOut(plan, each) }, told, deps);
}

/**
 * The commit is read before the parking log, and that before the dead letters: an owner moves an
 * event in this order, so none is missed between two of them. A redrive leads back. So the parking
 * log is read once more, and all begins anew where it speaks of the event again, or may have: an
 * owner deletes records that it has put into a checkpoint.
 */
export async function dispatchedFate(
  dispatched: Dispatched,
  told: Told,
  { log, inTurn }: Pick<StoryDeps, 'log' | 'inTurn'>,
): Promise<Fated> {
  const { group } = dispatched;
  const name = { group, topic: told.topic, parkingLog: parkingLogTopicOf(group) };
  const reader = (await openParkedReaders(log, name))[told.partition];
  if (reader === undefined || !reader.hasBegun) {
    return { fate: 'waiting', note: 'The consumer has not begun to read this partition.' };
  }
  const ask = () => fateBy(reader, dispatched, told, log);
  return inTurn !== undefined && reader.backlog > LONG ? inTurn(ask) : ask();
}

async function fateBy(
  reader: ParkedReader,
  { group, order, from, letters, isLeftOut }: Dispatched,
  told: Told,
  log: StoryDeps['log'],
): Promise<Fated> {
  const { partition, record, signal } = told;
  const parkingLog = parkingLogTopicOf(group);
  let spoken = 0;
  const read = () =>
    reader.read(signal, each => {
      if ('event' in each && each.event === record.offset) spoken++;
    });
  let { entries } = await read();
  for (;;) {
    const entry = entries.get(record.offset);
    if (entry !== undefined) {
      const lane = parkedLanesOf(order, entries.values()).find(each => each.entries.includes(entry));
      return fateOfEntry(entry, lane?.head ?? entry, partition);
    }
    const given = await fateInLetters(letters);
    const known = spoken;
    const from = reader.next;
    ({ entries } = await read());
    // Records that were deleted unread may have spoken of it, too.
    if (spoken !== known || reader.start > from) continue;
    if (given !== undefined) return given;
    break;
  }
  if (isLeftOut(record)) return { fate: 'filtered' };
  const { start } = reader;
  const commit = await newestCommit({ log, start }, parkingLog, partition, reader.commit());
  if (!(spoken > 0 || isDone(commit, record.offset))) {
    return { fate: 'waiting', ahead: aheadOf(commit, record.offset) };
  }
  const isTold = from === 'earliest' || spoken > 0;
  const [isForgotten, done] = await Promise.all([
    isBeforeAll(log, deadTopicOf(group), partition, record),
    isTold ? DONE : fateBehind({ log, start, parkingLog, partition, record, from }),
  ]);
  return isForgotten ? { fate: 'done', note: FORGOTTEN } : done;
}

/** `head`: the first event of its key that waits. */
export function fateOfEntry(entry: ParkingLogEntry, head: ParkingLogEntry, partition: number): Fated {
  const { attempts, at, generation, error, death } = entry;
  const isBehind = head !== entry;
  const because = parkedBecause(entry, head, partition);
  return {
    fate: entry.state,
    ...(entry.state === 'dead' ? { settling: true as const } : {}),
    ...(because === undefined ? {} : { because }),
    attempts,
    since: toTimestamp(parkedSince(entry)),
    ...(isBehind ? { behind: `${partition}-${head.event}` } : {}),
    ...(entry.state === 'parked' && !isBehind ? { nextAttemptAt: toTimestamp(at) } : {}),
    ...(death === undefined ? {} : { reason: death.reason }),
    ...(generation === 0 ? {} : { redriven: generation }),
    ...(error === undefined ? {} : { error: error.message }),
    ...(error?.status === undefined ? {} : { status: error.status }),
    ...(error?.cause === undefined ? {} : { cause: error.cause }),
  };
}

/** A parking log, with its first offset. */
interface Readable {
  readonly log: StoryDeps['log'];
  readonly start: number;
}

/** A commit from before the parking log was trimmed knows less than the checkpoint at its start. */
async function newestCommit(
  { log, start }: Readable,
  parkingLog: string,
  partition: number,
  commit: Commit,
): Promise<Commit> {
  if (start <= commit.parkingLog.offset) return commit;
  const [first] = (await log.read(parkingLog, partition, start, ONE)).records;
  return restart(commit, start, first && decodeParkingLogRecord(first));
}

function isDone({ top, holes }: Commit, offset: number): boolean {
  return offset < top && !holes.includes(offset);
}

function aheadOf({ top, holes }: Commit, offset: number): number {
  return holes.filter(hole => hole < offset).length + offsetDistance(Math.min(top, offset), offset);
}

/** Filters of a sync count what they leave out, so nobody else may ask them. */
function isLeftOut({ sync, settings }: ConsumerPlan, record: LogRecord): boolean {
  if (sync !== undefined || settings.filter === undefined) return false;
  try {
    return !settings.filter(record);
  } catch {
    return false;
  }
}

/** Whether the oldest records of a topic were deleted, and the rest is newer than the event. */
async function isBeforeAll(
  log: StoryDeps['log'],
  topic: string,
  partition: number,
  { timestamp }: LogRecord,
): Promise<boolean> {
  const { start = 0 } = (await log.bounds(topic))?.[partition] ?? {};
  if (start === 0) return false;
  const [first] = (await log.read(topic, partition, start, ONE)).records;
  return first === undefined || timestamp <= first.timestamp;
}

/**
 * A commit does not tell what was handled from what came before the consumer. The first record of
 * its parking log is the claim with which it began.
 */
async function fateBehind({
  log,
  start,
  parkingLog,
  partition,
  record: { timestamp },
  from,
}: Readable & {
  readonly parkingLog: string;
  readonly partition: number;
  readonly record: LogRecord;
  readonly from: DispatchSettings['from'];
}): Promise<Fated> {
  const [first] = (await log.read(parkingLog, partition, start, ONE)).records;
  if (first !== undefined && timestamp > first.timestamp + CLOCKS_DIFFER_MS) return { fate: 'done' };
  const isBefore = start === 0 && first !== undefined && timestamp < first.timestamp - CLOCKS_DIFFER_MS;
  if (!isBefore || from !== 'latest') return { fate: 'done', note: BEHIND };
  return { fate: 'filtered', note: `The consumer began at ${toTimestamp(first.timestamp)} to read behind it.` };
}
