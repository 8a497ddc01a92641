// Brings events to the partition of the state that they change. It reads a source in order and
// appends to an internal topic, keyed by that state's key.
import { sameEventOf } from '../../core/cloudevents/same-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import { every } from '../../core/retry/every.ts';
import { formatTraceparent, isSampled, traceOfRecord } from '../../core/trace-context.ts';
import { SAME_HEADER, SOURCE_TIME_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord, NewRecord } from '../../drivers/event-log/event-log.ts';
import { appendInParts } from './append-in-parts.ts';
import { isPoison } from './poison.ts';
import { readAhead } from './read-ahead.ts';
import { formatMark, markOf, SOURCE_HEADER, type SourceMark } from './source-mark.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from './stage.ts';

/** One change of one key by one event. */
export interface Keyed {
  readonly key: string;
  readonly value: Uint8Array;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * A whole number from 0 to 2^32 - 1 that grows from one to the next. It is given where a repeat
   * may find other keys, so that each keeps its own.
   */
  readonly place?: number;
}

export interface RekeySettings {
  readonly group: string;
  /** The source, read from its first event on. */
  readonly topic: string;
  /** The internal topic. */
  readonly target: string;
  /**
   * Records of the source may have marks of their makers. These marks are passed on, so that
   * repeated appends are recognised here, too. A maker uses a mark once, and appends in the order
   * of its own source.
   */
  readonly marked?: boolean;
  /**
   * Returns changes in the order in which they are to be folded. It throws one of the errors of
   * `isPoison` for a record that will never work.
   */
  project(record: LogRecord): readonly Keyed[] | Promise<readonly Keyed[]>;
  /** Throttles the reading: resolves when so many more records may be read. */
  readonly pace?: ((records: number, signal: AbortSignal) => Promise<void>) | undefined;
  /**
   * Sets an unusable record aside. Resolves once that is durable; called at least once for each.
   */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
}

export interface RekeyOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly settings: RekeySettings;
  readonly observer: StageObserver;
}

/**
 * Places of one record that was marked before: its index and a place together are one number, below
 * 2^53.
 */
const PLACES = 2 ** 32;
/** Records that are held before they are appended. */
const HELD = 1_000;
/** How soon the stage notices a position that somebody has set back. */
const CHECK_EVERY_MS = 5_000;

/**
 * Makes one append after the other, and the position after them. A fold drops repeated records, so
 * these must have been there before. After a failed append, of which any part may be there, the
 * stage begins again at the committed position. A second append behind one under way could leave a
 * hole that later records had passed.
 */
export async function startRekey({ world, log, settings, observer }: RekeyOptions): Promise<Stage> {
  const { group, topic } = settings;
  for (const name of [topic, settings.target]) {
    if ((await log.bounds(name)) === undefined)
      throw new TenfoldError('not-found', `${group}: there is no topic ${name} in the log`);
  }
  return startStage({ world, log, group, topic, observer, work: work => rekey(world, log, settings, observer, work) });
}

async function rekey(
  world: World,
  log: EventLog,
  settings: RekeySettings,
  observer: StageObserver,
  work: StageWork,
): Promise<string> {
  const { owned, state, totals, signal } = work;
  // A group that has never read the partition has lost nothing of the records deleted before.
  const from = (await owned.committed())?.offset;
  signal.throwIfAborted();
  state.position = from ?? 0;
  const ended = new AbortController();
  let committed = from;
  const traced = observer.began !== undefined;
  keepCommitted(world, owned, AbortSignal.any([signal, ended.signal]), () => committed).catch(() => undefined);
  try {
    for await (const { records, next } of readAhead(work, settings.topic, from, observer)) {
      await settings.pace?.(records.length, signal);
      let made: NewRecord[] = [];
      const refused: { record: LogRecord; error: unknown }[] = [];
      for (const record of records) {
        try {
          const projected = settings.project(record);
          // Mostly it is no promise, and needs no await.
          const keyed = projected instanceof Promise ? await projected : projected;
          const before = settings.marked ? markOf(record) : undefined;
          const marked = before
            ? passMark(before, record, keyed, traced)
            : mark(settings.topic, owned.partition, record, keyed, traced);
          for (const each of marked) made.push(each);
        } catch (error) {
          if (!isPoison(error)) throw error;
          refused.push({ record, error });
        }
        if (made.length < HELD) continue;
        await appendInParts(log, settings.target, made, signal);
        made = [];
      }
      await appendInParts(log, settings.target, made, signal);
      for (const { record, error } of refused) {
        signal.throwIfAborted();
        await settings.refused(owned.partition, record, error);
        totals.refused++;
        observer.refused(owned.partition, record, error);
      }
      signal.throwIfAborted();
      committed = undefined;
      await owned.commit({ offset: next, metadata: '' });
      committed = next;
      totals.handled += records.length;
      state.position = next;
      state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
      state.trouble = undefined;
    }
  } finally {
    ended.abort();
  }
  throw new Error('A partition never ends.');
}

/**
 * Commits the position again, as a commit of a former owner, or a late one, may have set it back.
 * Nothing is lost by that. But where no more events come, everybody would think that some are
 * waiting. A query that waits for an event would never be answered, and a View that is being built
 * would never take over.
 */
async function keepCommitted(
  world: World,
  owned: StageWork['owned'],
  signal: AbortSignal,
  /** Undefined while a commit is under way. */
  committed: () => number | undefined,
): Promise<void> {
  const check = async () => {
    const known = committed();
    if (known === undefined) return;
    const stored = await owned.committed().catch(() => undefined);
    if (signal.aborted || stored === undefined || stored.offset >= known || committed() !== known) return;
    await owned.commit({ offset: known, metadata: '' }).catch(() => undefined);
  };
  await every(CHECK_EVERY_MS, check, { world, signal });
}

function mark(
  topic: string,
  partition: number,
  record: LogRecord,
  keyed: readonly Keyed[],
  traced: boolean,
): NewRecord[] {
  if (keyed.length === 0) return [];
  const { offset, timestamp } = record;
  const source = headersOf(record, String(timestamp), traced);
  return keyed.map((each, place) => {
    const { place: index = place } = each;
    return toRecord(each, { topic, partition, offset, index }, source);
  });
}

function passMark(before: SourceMark, record: LogRecord, keyed: readonly Keyed[], traced: boolean): NewRecord[] {
  const source = headersOf(record, record.headers[SOURCE_TIME_HEADER] ?? String(record.timestamp), traced);
  return keyed.map((each, at) => {
    const { place = at } = each;
    return toRecord(each, { ...before, index: before.index * PLACES + place }, source);
  });
}

/**
 * The headers that all results of a record carry. `traced`: with its trace where that is sampled.
 * The trace would make each result 60 bytes longer where nobody looks.
 */
function headersOf(record: LogRecord, since: string, traced: boolean): Record<string, string> {
  const headers: Record<string, string> = { [SOURCE_TIME_HEADER]: since };
  const same = sameEventOf(record);
  if (same !== undefined) headers[SAME_HEADER] = same;
  const trace = traced ? traceOfRecord(record) : undefined;
  if (trace && isSampled(trace)) headers['traceparent'] = formatTraceparent(trace);
  return headers;
}

function toRecord({ key, value, headers }: Keyed, from: SourceMark, source: Record<string, string>): NewRecord {
  return { key, value, headers: { ...headers, [SOURCE_HEADER]: formatMark(from), ...source } };
}
