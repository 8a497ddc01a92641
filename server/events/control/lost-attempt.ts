// Whether an attempt was lost: a worker that ends in the midst of one leaves a row of the job that
// says "running", and nothing takes that back before the next attempt.
import type { JobRow } from '../../../core/jobs/job-row.ts';
import { parkingLogTopicOf, queueGroupOf, queueTopicOf } from '../../../core/names.ts';
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { QueuePartition } from '../../../gateway/endpoints/event-endpoints.ts';
import { openParkedReaders } from '../../../worker/parking-log/parked-reader.ts';
import { decodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import { CLOCKS_DIFFER_MS } from '../stories/log-scan.ts';

/** When the worker that has the partition took it over, by the log's clock, where that is known. */
export type TakeOvers = (of: QueuePartition, signal?: AbortSignal) => Promise<number | undefined>;

type Log = Pick<EventLog, 'bounds' | 'positions' | 'read'>;

const LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };
const ONE = { maxRecords: 1, maxBytes: 1 };
/** A list reads so much of one parking log. The row has the word where that is not enough. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Clients that follow jobs ask the log anew after so long. */
const KEPT_MS = 2_000;
/** The process forgets a partition for which nobody has asked for so long. */
const FORGOTTEN_MS = 600_000;
/** An answer waits for the log no longer: the row of the job has the word then. */
const WAITS_MS = 1_000;

/** Reads each partition once, as for one page of a list. */
export function createTakeOvers(log: Log): TakeOvers {
  const known = new Map<string, Promise<number | undefined>>();
  return (of, signal) => {
    const key = `${of.namespace}/${of.name}/${of.partition}`;
    const found = known.get(key) ?? readTakeOver(log, of, signal);
    known.set(key, found);
    return found;
  };
}

/**
 * For endpoints that many clients ask again and again: one partition is read once in two seconds,
 * however many ask, and then only what was written since. An attempt that is too young for a claim
 * to count asks nothing.
 */
export function createLostAttempts(world: World, log: Log) {
  const known = new Map<string, Known>();
  const takeOvers: TakeOvers = of => {
    const key = `${of.namespace}/${of.name}/${of.partition}`;
    const now = world.monotonic();
    const before = known.get(key);
    if (before && (before.isUnderWay || now - before.askedAt <= KEPT_MS)) return before.takenAt;
    for (const [each, { askedAt }] of known) if (now - askedAt > FORGOTTEN_MS) known.delete(each);
    const seen: SeenPart = before?.seen ?? { end: 0, takenAt: undefined };
    const asked = readTakeOver(log, of, undefined, seen)
      .catch(() => undefined)
      .finally(() => {
        one.isUnderWay = false;
      });
    const takenAt = Promise.race([asked, sleep(world, WAITS_MS).then(() => undefined)]);
    const one: Known = { askedAt: now, seen, takenAt, isUnderWay: true };
    known.set(key, one);
    return takenAt;
  };
  return async (row: JobRow, of: QueuePartition): Promise<number | undefined> => {
    const isYoung = world.now() <= (row.startedAt ?? 0) + CLOCKS_DIFFER_MS;
    return isYoung ? undefined : lostAttemptAt(row, of, takeOvers);
  };
}

interface Known {
  readonly askedAt: number;
  readonly seen: SeenPart;
  readonly takenAt: Promise<number | undefined>;
  /** The log has not answered yet, which may be after `takenAt`. */
  isUnderWay: boolean;
}

/** The part of a parking log that was looked through, and the newest take-over in it. */
interface SeenPart {
  end: number;
  takenAt: number | undefined;
}

/**
 * The worker that took the partition over has written a claim, and tries the job again. The claim
 * has the log's time and the row the worker's, so a claim soon after the beginning says nothing.
 */
export async function lostAttemptAt(
  { state, startedAt = 0 }: JobRow,
  of: QueuePartition,
  takeOvers: TakeOvers,
  signal?: AbortSignal,
): Promise<number | undefined> {
  if (state !== 'running') return undefined;
  const takenAt = await takeOvers(of, signal);
  return takenAt !== undefined && takenAt > startedAt + CLOCKS_DIFFER_MS ? takenAt : undefined;
}

async function readTakeOver(
  log: Log,
  { namespace, name, partition }: QueuePartition,
  signal?: AbortSignal,
  seen: SeenPart = { end: 0, takenAt: undefined },
): Promise<number | undefined> {
  const group = queueGroupOf(namespace, name);
  const parkingLog = parkingLogTopicOf(group);
  const names = { group, topic: queueTopicOf(namespace, name), parkingLog };
  try {
    const mark = (await openParkedReaders(log, names))[partition]?.commit().parkingLog;
    const { start = 0, end = 0 } = (await log.bounds(parkingLog))?.[partition] ?? {};
    if (mark === undefined) return undefined;
    // A parking log that was deleted begins anew.
    const seenTo = seen.end <= end ? seen.end : 0;
    const from = Math.max(mark.offset, start, seenTo);
    const found = await newestTakeOver(log, parkingLog, { partition, from, end }, signal);
    const known = seenTo > 0 ? seen.takenAt : undefined;
    let takenAt = found === 'far' ? known : found;
    if (found === undefined) {
      // The first commit of a new owner stands behind its claim.
      const isNew = mark.claim >= Math.max(start, seenTo);
      takenAt = (isNew ? await takeOverAt(log, parkingLog, partition, mark.claim) : undefined) ?? known;
    }
    seen.end = end;
    seen.takenAt = takenAt;
    return takenAt;
  } catch (error) {
    // Nothing is known then, and the row has the word.
    if (isOfLaterRelease(error)) return undefined;
    throw error;
  }
}

async function takeOverAt(log: Log, parkingLog: string, partition: number, offset: number) {
  const [claim] = (await log.read(parkingLog, partition, offset, ONE)).records;
  return claim?.offset === offset && isTakeOver(claim) ? claim.timestamp : undefined;
}

interface Range {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

/** Reads back from the newest record. `far`: it stands before those that a list may read. */
async function newestTakeOver(
  log: Log,
  parkingLog: string,
  { partition, from, end }: Range,
  signal?: AbortSignal,
): Promise<number | 'far' | undefined> {
  let left = MOST_BYTES;
  for (let to = end; to > from; ) {
    const first = Math.max(from, to - LIMITS.maxRecords);
    let takenAt: number | undefined;
    for (let at = first; at < to; ) {
      signal?.throwIfAborted();
      if (left <= 0) return 'far';
      const { records, next } = await log.read(parkingLog, partition, at, LIMITS);
      for (const record of records) {
        left -= record.value.length;
        if (record.offset < to && isTakeOver(record)) takenAt = record.timestamp;
      }
      if (next <= at) break;
      at = next;
    }
    if (takenAt !== undefined) return takenAt;
    to = first;
  }
  return undefined;
}

/** An owner that compacts its parking log claims it anew, with a checkpoint, and goes on. */
function isTakeOver(record: Parameters<typeof decodeParkingLogRecord>[0]): boolean {
  const decoded = decodeParkingLogRecord(record);
  return decoded?.type === 'claim' && decoded.checkpoint === undefined;
}
